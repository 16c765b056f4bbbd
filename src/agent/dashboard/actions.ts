/**
 * What OpenLIT's dashboard asks for (`actions` of an answer to `POST /api/controller/poll`), as wishes and requests, and what
 * it is told about them. Pure. Source: openlit/openlit ad20b7b4, tried against the real dashboard.
 */
import { type Desired, desireOf, type Request, request, type Wish, wish } from '../desired.js';
import { type History, pasts, type Try } from '../history.js';
import type { WorkloadState } from '../reconcile.js';
import { longReason } from '../words.js';
import { fieldText } from './fields.js';

export interface DashboardAction {
  readonly id: string;
  readonly action_type: string;
  /** The workload key that we reported. */
  readonly service_key: string;
  /**
   * Not read: the next poll brings the default payload in place of the one that was clicked, so that whatever is in it is
   * lost sooner or later. Where telemetry goes is a setting.
   */
  readonly payload?: string;
}

export interface ActionResult {
  readonly action_id: string;
  readonly status: 'completed' | 'failed';
  readonly error?: string;
  readonly snapshot?: string;
}

type Meaning = Pick<Wish, 'feature' | 'value'> | 'restart';

const MEANINGS: Readonly<Record<string, Meaning>> = {
  instrument: { feature: 'observe', value: 'on' },
  uninstrument: { feature: 'observe', value: 'off' },
  enable_sdk: { feature: 'inject', value: 'on' },
  enable_python_sdk: { feature: 'inject', value: 'on' },
  disable_sdk: { feature: 'inject', value: 'off' },
  disable_python_sdk: { feature: 'inject', value: 'off' },
  start_workload: { feature: 'lifecycle', value: 'running' },
  stop_workload: { feature: 'lifecycle', value: 'stopped' },
  restart_workload: 'restart',
};

const meaningOf = (type: string): Meaning | undefined => (Object.hasOwn(MEANINGS, type) ? MEANINGS[type] : undefined);

/**
 * The same action comes on every poll until what we report matches: as a wish it changes nothing then. Only restarts are
 * asked for once; their ids are made of instance, service and type, so that the second click on Restart has the id of the
 * first. It is a new one when the first has ended.
 */
export function applyActions(
  desired: Desired,
  actions: readonly DashboardAction[],
  history: History,
  now: number,
): Desired {
  return actions.reduce((state, { id, action_type, service_key: workload }) => {
    const meaning = meaningOf(action_type);
    if (meaning === undefined) return state;
    if (meaning !== 'restart') return wish(state, { workload, ...meaning, source: 'dashboard' }, now);
    const before = clicks(state, id);
    const last = before.at(-1);
    if (last && !endOf(last, history)) return state;
    return request(state, { id: `${id}#${before.length + 1}`, workload, action: 'restart', at: now });
  }, desired);
}

const clicks = ({ requests }: Desired, id: string): Request[] =>
  requests.filter(one => one.id.startsWith(`${id}#`) && /^\d+$/.test(one.id.slice(id.length + 1)));

function endOf({ id, workload }: Request, history: History): Try | undefined {
  const tries = pasts(history)(workload).tries.filter(({ started }) => started.serves === `request ${id}`);
  const last = tries.at(-1);
  return last?.ended && !['not-done', 'unclear'].includes(last.ended.outcome) ? last : undefined;
}

/** An answer for every action that has one by now: the others come again, or are answered with the next poll. */
export function resultsOf(
  actions: readonly DashboardAction[],
  desired: Desired,
  states: readonly WorkloadState[],
  history: History,
): ActionResult[] {
  return actions.flatMap((action): ActionResult[] => {
    const meaning = meaningOf(action.action_type);
    const failed = (error: string): ActionResult[] => [
      { action_id: action.id, status: 'failed', error: fieldText(error) },
    ];
    if (meaning === undefined) return failed(`unknown action type ${action.action_type}`);
    if (meaning === 'restart') return restartResult(action.id, desired, history, failed);
    const { feature, value } = meaning;
    const desire = desireOf(desired, action.service_key, feature);
    if (desire && desire.value !== value) {
      const place = desire.where === undefined ? desire.source : `${desire.source} ${desire.where}`;
      return failed(`the ${place} asks for ${desire.value}, and goes before the dashboard`);
    }
    const state = states.find(({ key }) => key === action.service_key)?.features[feature];
    if (!state) return failed('this agent does not know the workload');
    const asked = state.state === 'on' || (state.state === 'adopted' ? value === 'on' : state.state === 'off');
    if (asked) {
      const snapshot = value === 'stopped' ? snapshotOf(action.service_key, history) : undefined;
      return [{ action_id: action.id, status: 'completed', ...(snapshot !== undefined && { snapshot }) }];
    }
    return state.state === 'working' || state.state === 'waiting' ? [] : failed(longReason(state.reason));
  });
}

function restartResult(
  id: string,
  desired: Desired,
  history: History,
  failed: (error: string) => ActionResult[],
): ActionResult[] {
  const last = clicks(desired, id).at(-1);
  const end = last && endOf(last, history)?.ended;
  if (!end) return [];
  return end.outcome === 'done' ? [{ action_id: id, status: 'completed' }] : failed(end.reason ?? end.outcome);
}

function snapshotOf(workload: string, history: History): string | undefined {
  const stops = pasts(history)(workload).tries.filter(({ started }) => started.deed === 'stop');
  return stops.findLast(({ ended }) => ended?.outcome === 'done')?.ended?.snapshot;
}
