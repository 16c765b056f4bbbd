/** OpenLIT's dashboard over a connection: its ten traps (P1 to P10), and what it does when it is away. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readAnswer } from '../../../src/agent/dashboard/answer.js';
import { type Desired, desireOf, NOTHING_DESIRED } from '../../../src/agent/desired.js';
import type { HistoryRecord } from '../../../src/agent/history.js';
import type { ObservedWorkload } from '../../../src/agent/observed.js';
import { DEFAULT_POLICY } from '../../../src/agent/policy.js';
import { reconcile, type WorkloadState } from '../../../src/agent/reconcile.js';
import { type Dashboard, startDashboard } from '../../../src/runs/agent/dashboard.js';
import { type Link, linkDashboard } from '../../../src/runs/agent/dashboard-link.js';
import type { KnownWorkload } from '../../../src/runs/agent/memory.js';
import { KEY, workload } from '../../agent/facts.js';
import { type FakeDashboard, startFakeDashboard } from '../../support/dashboard.js';

const SERVICE: KnownWorkload = {
  name: 'app',
  serviceName: 'the-app',
  firstSeen: Date.UTC(2026, 10, 30),
  providers: ['openai'],
  runtime: 'python',
};

/** The agent without its machine: what is, what was done, and a core that decides at each answer. */
class Agent {
  desired: Desired = NOTHING_DESIRED;
  readonly history: HistoryRecord[] = [];
  readonly deeds: string[] = [];
  readonly notes: string[] = [];
  readonly endpoints: unknown[] = [];
  known = new Map([[KEY, SERVICE]]);
  workloads: ObservedWorkload[] = [workload()];
  acts = true;
  /** What a deed does to the workload, and how it ends. */
  act: (deed: string) => Partial<HistoryRecord> = deed => {
    const [one] = this.workloads;
    if (deed === 'attach' || deed === 'detach') this.workloads = [{ ...one!, observed: deed === 'attach' }];
    if (deed === 'stop') this.workloads = [];
    return {};
  };
  private states: readonly WorkloadState[] = [];
  private clock = Date.now();
  readonly dashboard: Dashboard;
  readonly link: Link;

  constructor(
    fake: FakeDashboard,
    { instance = 'one', apiKey }: { instance?: string; apiKey?: string } = {},
    pace = 2_000,
  ) {
    this.link = linkDashboard({
      instance,
      cluster: 'default',
      version: '1.2.3',
      targets: {},
      facts: () =>
        this.acts
          ? {
              states: this.states,
              desired: this.desired,
              history: this.history,
              known: this.known,
              sightings: new Map(),
            }
          : undefined,
      wish: desired => {
        this.desired = desired;
      },
    });
    this.tick();
    this.dashboard = startDashboard(
      {
        url: fake.url,
        ...(apiKey !== undefined && { apiKey }),
        jitter: () => 0,
        body: this.link.body,
        answered: answer => {
          if (answer.config?.endpoint) this.endpoints.push(answer.config.endpoint);
          this.link.answered(answer);
          this.tick();
        },
        note: line => this.notes.push(line),
      },
      pace,
    );
  }

  tick(): void {
    for (let round = 0; round < 3; round++) {
      this.clock += 1000;
      const now = this.clock;
      const workloads = this.workloads.map(one => ({ ...one, asOf: now }));
      const { actions, states } = reconcile({
        observed: { lock: { ours: true }, workloads },
        desired: this.desired,
        history: this.history,
        running: new Set(),
        now,
        policy: DEFAULT_POLICY,
        jitter: () => 0,
      });
      this.states = states;
      for (const action of actions) {
        if (action.kind !== 'do') continue;
        const { record } = action;
        this.deeds.push(record.deed);
        const end = this.act(record.deed);
        this.history.push(record, { kind: 'ended', at: now, id: record.id, outcome: 'done', ...end } as HistoryRecord);
      }
    }
  }
}

let fake: FakeDashboard;
const agents: Agent[] = [];
const newAgent = (...options: ConstructorParameters<typeof Agent> extends [unknown, ...infer R] ? R : never): Agent => {
  const agent = new Agent(fake, ...options);
  agents.push(agent);
  return agent;
};
const polledMore = (more: number) => fake.polled(fake.polls.length + more);
const rowOf = (instance = 'one') => fake.rows.get(`${instance} ${KEY}`);
beforeEach(async () => {
  fake = await startFakeDashboard();
});
afterEach(async () => {
  for (const { dashboard } of agents.splice(0)) dashboard.close();
  await fake.close();
});

describe('traps', () => {
  test('P1: the same action on every poll is one wish, and a failure is tried once; its reason is on the row', async () => {
    const agent = newAgent();
    agent.act = deed => (deed === 'inject' ? { outcome: 'failed', restarted: true, reason: 'exit code 203' } : {});
    fake.click(KEY, 'enable_python_sdk');
    await fake.polled(30);
    expect(agent.deeds).toEqual(['inject']);
    expect(desireOf(agent.desired, KEY, 'inject')!.revision).toBe(1);
    // Its answer is overwritten in the same poll: what the page shows is the row.
    expect([...fake.results]).toEqual([]);
    expect(fake.polls.some(({ body }) => body.action_results.some(({ status }) => status === 'failed'))).toBe(true);
    expect(rowOf()!.resource_attributes['openlit.observability.reason']).toContain('exit code 203');
  });

  test('P2: the payload of the click is not needed: where telemetry goes is in the config', async () => {
    const agent = newAgent();
    fake.config = {
      export: { otlp_endpoint: 'http://collector:4318', otlp_headers: { 'x-a': 'b' }, otlp_protocol: 'http/protobuf' },
    };
    fake.click(KEY, 'instrument', '{"otlp_endpoint":"http://clicked:4318"}');
    await fake.polled(4);
    expect(agent.deeds).toEqual(['attach']);
    expect(agent.endpoints).toEqual([
      { endpoint: 'http://collector:4318', signalEndpoints: {}, headers: { 'x-a': 'b' }, protocol: 'http/protobuf' },
    ]);
  });

  test('P3: what was stopped is still reported, so that it can be started again', async () => {
    const agent = newAgent();
    fake.click(KEY, 'stop_workload');
    await fake.polled(6);
    expect(agent.deeds).toEqual(['stop']);
    expect(agent.workloads).toEqual([]);
    const { body } = fake.polls.at(-1)!;
    expect(body.services).toMatchObject([
      { workload_key: KEY, service_name: 'the-app', resource_attributes: { 'openlit.lifecycle.status': 'stopped' } },
    ]);
  });

  test('P4: what somebody else observes from inside is enabled when adopted, and else refused at once, without a deed', async () => {
    const agent = newAgent();
    agent.workloads = [workload({ conflict: { by: 'openlit', evidence: 'PYTHONPATH' } })];
    agent.tick();
    fake.click(KEY, 'enable_python_sdk');
    await fake.polled(4);
    expect(rowOf()!.resource_attributes['openlit.agent_observability.status']).toBe('enabled');
    expect(fake.polls.at(-1)!.body.action_results).toEqual([]);
    agent.workloads = [workload({ conflict: { by: 'opentelemetry', evidence: 'PYTHONPATH' } })];
    agent.tick();
    await polledMore(4);
    expect(fake.polls.at(-1)!.body.action_results).toMatchObject([
      { status: 'failed', error: expect.stringContaining('opentelemetry') },
    ]);
    expect(rowOf()!.resource_attributes['openlit.observability.conflict']).toBe('existing_otel');
    expect(agent.deeds).toEqual([]);
  });

  test('P5: a second agent on the machine, which does not hold the lock, reports nothing and does nothing', async () => {
    newAgent();
    const second = newAgent({ instance: 'two' });
    second.acts = false;
    fake.click(KEY, 'instrument');
    await fake.polled(10);
    const late = fake.polls.slice(-5);
    expect(late.map(({ body }) => body.instance_id)).toEqual(Array(5).fill('one'));
    expect(second.deeds).toEqual([]);
  });

  test('P6: only words that the server keeps: the instance is shown, and no row is lost', async () => {
    const agent = newAgent();
    agent.workloads = [workload({ replicas: [{ id: 'x', state: 'failing', trouble: 'crash-loop', failingSince: 0 }] })];
    agent.tick();
    fake.click(KEY, 'instrument');
    await fake.polled(5);
    expect([...fake.instances]).toEqual(['one']);
    const row = rowOf()!;
    expect(row.instrumentation_status).toBe('discovered');
    // Ours stands in full beside it.
    expect(row.resource_attributes['openlit.instrument.observe.state']).toBe('refused');
    expect(row.resource_attributes['openlit.instrument.observe.code']).toBe('crashed-before');
  });

  test('P6: more than the server takes is cut, what is asked for first, and never the whole poll lost', async () => {
    const agent = newAgent();
    const many = Array.from({ length: 600 }, (_, index) => `linux:exe:${index.toString(16).padStart(6, '0')}`);
    agent.workloads = many.map(key => workload({ key }));
    agent.act = () => ({});
    agent.known = new Map(many.map(key => [key, SERVICE]));
    const last = many.at(-1)!;
    agent.link.answered(
      readAnswer(JSON.stringify({ actions: [{ id: 'a', action_type: 'instrument', service_key: last }] })),
    );
    agent.tick();
    await polledMore(2);
    const { body } = fake.polls.at(-1)!;
    expect(body.services).toHaveLength(500);
    expect(body.services[0]!.workload_key).toBe(last);
    expect(agent.dashboard.failed).toBe(0);
  });

  test('P7: every poll reports all of it, under the same instance and key', async () => {
    newAgent();
    await fake.polled(5);
    for (const { body } of fake.polls) {
      expect(body.instance_id).toBe('one');
      expect(body.services.map(({ workload_key: key }) => key)).toEqual([KEY]);
    }
    expect(fake.rows.size).toBe(1);
  });

  test('P8: no header but the ones of the protocol, and no key where there is none', async () => {
    newAgent();
    await fake.polled(2);
    for (const { headers } of fake.polls) {
      expect(Object.keys(headers)).not.toContain('x-database-config-id');
      expect(headers.authorization).toBeUndefined();
    }
  });

  test('P9: start, stop, restart, instrument of its routes: each once, though each comes on every poll', async () => {
    const agent = newAgent();
    fake.click(KEY, 'instrument');
    await fake.polled(4);
    fake.click(KEY, 'restart_workload');
    await polledMore(4);
    expect(agent.deeds).toEqual(['attach', 'restart']);
    expect(rowOf()!.instrumentation_status).toBe('instrumented');
    fake.click(KEY, 'restart_workload');
    await polledMore(4);
    expect(agent.deeds).toEqual(['attach', 'restart', 'restart']);
  });

  test('P10: reported under the service name and key that its spans carry', async () => {
    newAgent();
    await fake.polled(1);
    expect(rowOf()).toMatchObject({
      service_name: 'the-app',
      first_seen: '2026-11-30 00:00:00',
      resource_attributes: { 'service.workload.key': KEY, 'process.runtime.name': 'python' },
    });
  });
});

describe('when it is away', () => {
  test.each([
    [500, '{"error":"Internal server error"}', 'status 500: Internal server error'],
    [503, '', 'status 503: nobody has set it up yet'],
    [200, '<html>', 'Unexpected token'],
    [200, '[]', 'the answer is no object'],
    [302, '', 'status 302: it sends to another address'],
  ])('status %s %s: said once, nothing is withdrawn, and asked again later and later', async (status, text, said) => {
    const agent = newAgent({}, 20_000);
    fake.click(KEY, 'instrument');
    await fake.polled(3);
    fake.fail(status, text);
    await polledMore(4);
    fake.fail();
    await polledMore(2);
    expect(agent.notes.filter(line => line.includes(said))).toHaveLength(1);
    expect(desireOf(agent.desired, KEY, 'observe')?.value).toBe('on');
    expect(agent.deeds).toEqual(['attach']);
    expect(agent.notes.at(-1)).toBe(`the dashboard ${fake.url} answers`);
    expect(agent.dashboard.failed).toBeGreaterThanOrEqual(4);
  });

  test('a wrong key is said in words, and is in no line', async () => {
    fake.apiKey = 'openlit-right';
    const agent = newAgent({ apiKey: 'openlit-wrong/4711+=' });
    await fake.polled(2);
    expect(agent.notes.join()).toContain('refuses the API key');
    expect(agent.notes.join()).not.toContain('4711');
    const right = newAgent({ instance: 'two', apiKey: 'openlit-right' });
    await fake.polled(fake.polls.length + 3);
    expect(right.dashboard.ok).toBeGreaterThan(0);
  });

  test('a redirect is not followed: the key is for this address', async () => {
    const agent = newAgent({ apiKey: 'openlit-right' });
    fake.fail(302, '');
    await fake.polled(2);
    expect(agent.dashboard.ok).toBe(0);
  });
});

describe('answers', () => {
  const read = (answer: object) => readAnswer(JSON.stringify(answer));

  test('the hash is handed back as it came, and its config is not asked for again', async () => {
    const agent = newAgent();
    fake.config = { export: { otlp_endpoint: 'http://collector:4318' }, poll_interval_seconds: 30 };
    await fake.polled(5);
    expect(agent.endpoints).toHaveLength(1);
    expect(fake.polls.at(-1)!.body.config_hash).toMatch(/^[0-9a-f]{16}$/);
  });

  test('empty texts keep what one has; what makes no sense is left out', () => {
    expect(read({ config: { export: { otlp_endpoint: '', otlp_headers: {}, otlp_protocol: '' } } }).config).toEqual({});
    expect(read({ config: { export: { otlp_endpoint: 'ftp://x' } } }).config).toEqual({});
    expect(
      read({ actions: [1, {}, { id: 'a' }, { id: 'a', action_type: 'b', service_key: 'c' }] }).actions,
    ).toHaveLength(1);
    expect(read({ actions: 'x', config_hash: 7 })).toEqual({ actions: [], configHash: '' });
  });

  test.each([
    [1, 5_000],
    [60, 60_000],
    [9999, 300_000],
    ['x', undefined],
  ])('an interval of %s s is %s ms', (seconds, expected) => {
    expect(read({ config: { poll_interval_seconds: seconds } }).config?.interval).toBe(expected);
  });
});
