/**
 * A server that answers `POST /api/controller/poll` as OpenLIT's dashboard does, traps included (openlit/openlit ad20b7b4, tried
 * against the real one): the same action on every poll until the reported status matches, failures overwritten, data with a
 * wrong word lost with status 200, a default payload in place of the clicked one.
 */
import { createHash } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Service {
  readonly service_name: string;
  readonly workload_key?: string;
  readonly instrumentation_status: string;
  readonly first_seen: string;
  readonly resource_attributes: Record<string, string>;
}

export interface PollBody {
  readonly instance_id: string;
  readonly cluster_id: string;
  readonly mode: string;
  readonly config_hash: string;
  readonly services: readonly Service[];
  readonly action_results: readonly { action_id: string; status: string; error?: string; snapshot?: string }[];
}

export type ActionType =
  | 'instrument'
  | 'uninstrument'
  | 'enable_python_sdk'
  | 'stop_workload'
  | 'start_workload'
  | 'restart_workload';

export interface FakeDashboard {
  readonly url: string;
  readonly polls: { readonly body: PollBody; readonly headers: IncomingHttpHeaders }[];
  /** Rows of its table of services: what the page would show. */
  readonly rows: Map<string, Service>;
  /** Instances that its page shows. */
  readonly instances: Set<string>;
  /** The last action results by id, as long as no re-queue has overwritten them. */
  readonly results: Map<string, string>;
  /** A person clicks. */
  click(workload: string, type: ActionType, payload?: string): void;
  /** Answers with this status and text until it is called without. */
  fail(status?: number, text?: string): void;
  config: Record<string, unknown> | undefined;
  apiKey: string | undefined;
  /** Resolves after so many polls in all. */
  polled(count: number): Promise<void>;
  close(): Promise<void>;
}

const md5 = (text: string) => createHash('md5').update(text).digest('hex');

/** Whether what is reported is what a feature's action was for. */
function isDone(
  type: ActionType,
  { instrumentation_status: status, resource_attributes: attributes }: Service,
): boolean {
  switch (type) {
    case 'instrument':
      return status === 'instrumented';
    case 'uninstrument':
      return status !== 'instrumented';
    case 'enable_python_sdk':
      return attributes['openlit.agent_observability.status'] === 'enabled';
    case 'stop_workload':
      return attributes['openlit.lifecycle.status'] === 'stopped';
    case 'start_workload':
      return attributes['openlit.lifecycle.status'] === 'running';
    default:
      return true;
  }
}

export async function startFakeDashboard(): Promise<FakeDashboard> {
  /** Desired states are of a workload, whichever controller reports it. */
  const wishes = new Map<string, { type: ActionType; payload: string; once: boolean }>();
  let failure: { status: number; text: string } | undefined;
  const waiters = new Set<() => void>();
  const fake: FakeDashboard = {
    url: '',
    polls: [],
    rows: new Map(),
    instances: new Set(),
    results: new Map(),
    config: undefined,
    apiKey: undefined,
    click: (workload, type, payload = '{}') => {
      wishes.set(`${workload} ${type}`, { type, payload, once: type === 'restart_workload' });
    },
    fail: (status, text = '') => {
      failure = status === undefined ? undefined : { status, text };
    },
    polled: count =>
      new Promise(resolve => {
        const check = () => {
          if (fake.polls.length < count) return;
          waiters.delete(check);
          resolve();
        };
        waiters.add(check);
        check();
      }),
    close: async () => {
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
    },
  };

  function answer(body: PollBody, headers: IncomingHttpHeaders): { status: number; text: string } {
    const say = (status: number, document: object) => ({ status, text: JSON.stringify(document) });
    if (failure) return failure;
    if (fake.apiKey !== undefined && headers.authorization !== `Bearer ${fake.apiKey}`)
      return say(401, { error: 'Invalid API key' });
    if (!body.instance_id || body.instance_id.length > 256) return say(400, { error: 'instance_id' });
    if (body.services.length > 500) return say(400, { error: 'too many services' });
    if (body.action_results.length > 200) return say(400, { error: 'too many action_results' });
    if (body.services.some(({ workload_key }) => !workload_key)) return say(500, { error: 'Internal server error' });
    // A wrong word: the insert fails silently, 200 comes back.
    if (['linux', 'docker', 'kubernetes'].includes(body.mode)) fake.instances.add(body.instance_id);
    const words = body.services.every(
      ({ instrumentation_status: status, first_seen: seen }) =>
        ['discovered', 'instrumented'].includes(status) && /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(seen),
    );
    if (words)
      for (const service of body.services) fake.rows.set(`${body.instance_id} ${service.workload_key}`, service);
    for (const { action_id, status, error } of body.action_results) {
      fake.results.set(action_id, error === undefined ? status : `${status}: ${error}`);
    }
    // Reconcile of what was reported just now: what does not match is queued again, and its result overwritten.
    const actions = body.services.flatMap(service =>
      [...wishes].flatMap(([name, { type, payload, once }]) => {
        if (name !== `${service.workload_key} ${type}` || (!once && isDone(type, service))) return [];
        const id = md5(`${body.instance_id}:${service.workload_key}:${type}:pending`);
        // The click's own payload is gone with the first reconcile.
        wishes.set(name, { type, payload: '{}', once });
        if (once) wishes.delete(name);
        else fake.results.delete(id);
        return [{ id, action_type: type, service_key: service.workload_key, payload }];
      }),
    );
    const hash = fake.config === undefined ? '' : md5(JSON.stringify(fake.config)).slice(0, 16);
    const changed = fake.config !== undefined && body.config_hash !== hash;
    return say(200, { config_changed: changed, ...(changed && { config: fake.config }), config_hash: hash, actions });
  }

  const server = createServer((request, response) => {
    let text = '';
    request.on('data', chunk => {
      text += chunk;
    });
    request.on('end', () => {
      if (request.method !== 'POST' || request.url !== '/api/controller/poll') return response.writeHead(404).end();
      const body = JSON.parse(text) as PollBody;
      const said = answer(body, request.headers);
      response.writeHead(said.status, { 'content-type': 'application/json' }).end(said.text);
      fake.polls.push({ body, headers: request.headers });
      for (const wake of [...waiters]) wake();
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(fake, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
}
