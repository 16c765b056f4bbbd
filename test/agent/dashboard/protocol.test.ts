/** OpenLIT's dashboard: the traps of its protocol, as far as they are decided without a connection. */
import { describe, expect, test } from '@jest/globals';
import { applyActions, type DashboardAction, resultsOf } from '../../../src/agent/dashboard/actions.js';
import { fieldText, fieldTime } from '../../../src/agent/dashboard/fields.js';
import { fromService, toService } from '../../../src/agent/dashboard/service.js';
import { type Desired, desireOf, NOTHING_DESIRED, wish } from '../../../src/agent/desired.js';
import type { History } from '../../../src/agent/history.js';
import type { Feature } from '../../../src/agent/observed.js';
import { REASON_CODES, reason, STATES } from '../../../src/agent/words.js';
import { asked, decide, failing, KEY, NOW, recordOf, replica, say, tried, workload } from '../facts.js';

const action = (action_type: string, facts: Partial<DashboardAction> = {}): DashboardAction => ({
  id: 'a1',
  action_type,
  service_key: KEY,
  payload: '{}',
  ...facts,
});
const apply = (actions: readonly DashboardAction[], before: Desired = NOTHING_DESIRED, history: History = []) =>
  applyActions(before, actions, history, NOW);
const serviceOf = (facts: Parameters<typeof decide>[0]) =>
  toService(decide(facts).states[0]!, { serviceName: 'app', firstSeen: Date.UTC(2026, 10, 30, 9, 5, 7) });

describe('what it asks for', () => {
  test.each([
    ['instrument', 'observe', 'on'],
    ['uninstrument', 'observe', 'off'],
    ['enable_python_sdk', 'inject', 'on'],
    ['enable_sdk', 'inject', 'on'],
    ['disable_python_sdk', 'inject', 'off'],
    ['disable_sdk', 'inject', 'off'],
    ['stop_workload', 'lifecycle', 'stopped'],
    ['start_workload', 'lifecycle', 'running'],
  ])('%s', (type, feature, value) => {
    expect(desireOf(apply([action(type)]), KEY, feature as Feature)).toMatchObject({ value, source: 'dashboard' });
  });

  test.each(['push_envs', 'remove_prompts', 'constructor'])('%s is answered, not obeyed', type => {
    const desired = apply([action(type)]);
    expect(desired).toEqual(NOTHING_DESIRED);
    expect(resultsOf([action(type)], desired, [], [])).toEqual([
      { action_id: 'a1', status: 'failed', error: `unknown action type ${type}` },
    ]);
  });
});

describe('traps', () => {
  test('P1: the same action on every poll restarts once', () => {
    const first = apply([action('enable_python_sdk')]);
    const record = recordOf(decide({ desired: first }).actions[0]);
    const failed = { kind: 'ended', at: NOW + 1, id: record.id, outcome: 'failed', restarted: true } as const;
    let desired = first;
    for (let poll = 1; poll < 50; poll++) {
      const now = NOW + poll * 60_000;
      desired = applyActions(desired, [action('enable_python_sdk')], [], now);
      const answer = decide({ desired, history: [record, failed], now, workloads: [workload({ asOf: now })] });
      expect(answer.actions).toEqual([]);
    }
    expect(desireOf(desired, KEY, 'inject')!.revision).toBe(1);
  });

  test('P1: the failure stands in the reason, as the result is overwritten', () => {
    const desired = asked({ inject: 'on' });
    const history = tried('inject', desired, { outcome: 'failed', restarted: true, reason: 'exit code 203' });
    const { resource_attributes: sent } = serviceOf({ desired, history });
    expect(sent['openlit.observability.reason']).toBe(
      `inject: it was restarted once for this wish, and not again: exit code 203; try: openlit-instrument agent recover ${KEY}`,
    );
  });

  test('P1: a second click on Restart has the id of the first', () => {
    const once = apply([action('restart_workload')]);
    expect(apply([action('restart_workload')], once)).toBe(once);
    const record = recordOf(decide({ desired: once }).actions[0]);
    expect(resultsOf([action('restart_workload')], once, [], [record])).toEqual([]);
    const done: History = [record, { kind: 'ended', at: NOW + 1, id: record.id, outcome: 'done' }];
    expect(resultsOf([action('restart_workload')], once, [], done)).toEqual([{ action_id: 'a1', status: 'completed' }]);
    const now = NOW + 1000;
    const workloads = [workload({ asOf: now })];
    expect(decide({ desired: once, history: done, workloads, now }).actions).toEqual([]);
    const twice = apply([action('restart_workload')], once, done);
    expect(say(decide({ desired: twice, history: done, workloads, now }))).toEqual([`restart ${KEY}`]);
  });

  test('P2: a payload that is lost changes nothing', () => {
    const clicked = action('enable_python_sdk', { payload: '{"otlp_endpoint":"http://x"}' });
    expect(apply([action('enable_python_sdk')], apply([clicked]))).toEqual(apply([clicked]));
  });

  test('P3: what we stopped is reported while it is not seen, and started from its snapshot', () => {
    const desired = apply([action('stop_workload')]);
    const history = tried('stop', desired, { outcome: 'done', snapshot: '{"exe_path":"/x"}' });
    const gone = { desired, history, workloads: [] };
    expect(serviceOf(gone)).toMatchObject({
      workload_key: KEY,
      resource_attributes: { 'openlit.lifecycle.status': 'stopped' },
    });
    expect(resultsOf([action('stop_workload')], desired, decide(gone).states, history)).toEqual([
      { action_id: 'a1', status: 'completed', snapshot: '{"exe_path":"/x"}' },
    ]);
  });

  test('P4: what is adopted is enabled, so that it is not asked for again', () => {
    const workloads = [workload({ conflict: { by: 'openlit', evidence: 'PYTHONPATH' } })];
    const { resource_attributes: sent } = serviceOf({ desired: asked({ inject: 'on' }), workloads });
    expect(sent).toMatchObject({
      'openlit.agent_observability.status': 'enabled',
      'openlit.agent_observability.source': 'existing_openlit',
    });
  });

  test('P4: a conflict is answered at once, with nothing done', () => {
    const desired = apply([action('enable_python_sdk')]);
    const workloads = [workload({ conflict: { by: 'opentelemetry', evidence: 'PYTHONPATH' } })];
    const { states, actions } = decide({ desired, workloads });
    expect(actions).toEqual([]);
    expect(resultsOf([action('enable_python_sdk')], desired, states, [])).toMatchObject([{ status: 'failed' }]);
    expect(serviceOf({ desired, workloads }).resource_attributes).toMatchObject({
      'openlit.agent_observability.status': 'manual',
      'openlit.observability.conflict': 'existing_otel',
    });
  });

  test('P6: whatever our state, only their words are sent, and ours can be read again', () => {
    const { states } = decide();
    for (const state of STATES) {
      for (const code of REASON_CODES) {
        const one = { state, reason: reason(code, { workload: KEY, wait: 5000, count: 2, by: 'x', detail: 'y' }) };
        const features = { observe: one, inject: one, lifecycle: one };
        const service = toService({ ...states[0]!, features }, { serviceName: 'app', firstSeen: 0 });
        const sent = service.resource_attributes;
        expect(['discovered', 'instrumented']).toContain(service.instrumentation_status);
        expect(['enabled', 'disabled', 'manual']).toContain(sent['openlit.agent_observability.status']);
        expect(['none', 'controller_managed', 'existing_openlit']).toContain(
          sent['openlit.agent_observability.source'],
        );
        expect(fromService(service)).toEqual(features);
        for (const text of Object.values(sent)) expect(text.length).toBeLessThanOrEqual(1024);
      }
    }
    expect(fromService({ resource_attributes: {} })).toBeUndefined();
  });

  test('P6: time, texts and lists in the form that the server keeps', () => {
    expect(serviceOf({}).first_seen).toBe('2026-11-30 09:05:07');
    expect(fieldTime(0)).toBe('1970-01-01 00:00:00');
    expect(fieldText('a\nb\u0000c')).toBe('a b c');
    expect(fieldText('x'.repeat(2000))).toBe(`${'x'.repeat(1023)}…`);
    const ports = Array.from({ length: 99 }, (_, index) => index);
    expect(toService(decide().states[0]!, { serviceName: 'a', firstSeen: 0, ports }).open_ports).toHaveLength(64);
  });

  test('P7: nothing is instrumented that is not', () => {
    const desired = asked({ observe: 'on', inject: 'on' });
    expect(serviceOf({ desired })).toMatchObject({
      instrumentation_status: 'discovered',
      resource_attributes: { 'openlit.agent_observability.status': 'disabled' },
    });
    const replicas = [replica({ injected: 'v1' })];
    expect(serviceOf({ desired, workloads: [workload({ injected: 'v1', replicas })] })).toMatchObject({
      instrumentation_status: 'instrumented',
      resource_attributes: { 'openlit.agent_observability.status': 'enabled' },
    });
  });

  test('P10: reported under the name that its spans carry', () => {
    expect(serviceOf({})).toMatchObject({ service_name: 'app', resource_attributes: { 'service.workload.key': KEY } });
  });
});

describe('what it is told', () => {
  test('not yet, done, and why not', () => {
    const desired = apply([action('instrument')]);
    const tell = (facts: Parameters<typeof decide>[0]) =>
      resultsOf([action('instrument')], desired, decide({ desired, ...facts }).states, []);
    expect(tell({})).toEqual([]);
    expect(tell({ workloads: [workload({ observed: true })] })).toEqual([{ action_id: 'a1', status: 'completed' }]);
    expect(tell({ workloads: [workload({ replicas: [failing('crash-loop', 0)] })] })).toMatchObject([
      { status: 'failed' },
    ]);
    expect(resultsOf([action('instrument')], desired, [], [])).toMatchObject([{ status: 'failed' }]);
  });

  test('a file goes before it', () => {
    const file = { workload: KEY, feature: 'observe', value: 'off', source: 'file', where: 'fleet.yml:3' } as const;
    const desired = apply([action('instrument')], wish(NOTHING_DESIRED, file, 0));
    const { states } = decide({ desired });
    expect(resultsOf([action('instrument')], desired, states, [])).toEqual([
      { action_id: 'a1', status: 'failed', error: 'the file fleet.yml:3 asks for off, and goes before the dashboard' },
    ]);
  });
});
