/** What the page may ask for, by method and path. */
import type { IncomingMessage } from 'node:http';
import type { Reader } from '../../store/reader.js';
import { GROUPINGS, type Grouping } from '../../store/sums.js';
import type { Observation, Processes, State } from '../api.js';
import { RequestError } from './answers.js';
import { callDetail, promptDiff, sessionDetail, traceOf } from './details.js';
import { groupsOf, nextError, placeOf, sessionsOf, windowOf } from './lists.js';
import { numberOf, readQuery } from './query.js';
import type { Selections } from './selections.js';

/** What others do for the page. */
export interface Services {
  /** Processes that talk, or can talk, to a model. */
  processes(): Promise<Processes>;
  /** Absent: nothing may be started from the page. */
  readonly observe?: (pid: number) => Promise<Observation>;
}

export interface Context {
  readonly reader: Reader;
  readonly selections: Selections;
  readonly services: Services;
  state(): State;
}

export interface Asked {
  readonly words: URLSearchParams;
  /** Of a POST. */
  readonly body: Readonly<Record<string, unknown>>;
  /** Ends when the page no longer waits. */
  readonly signal: AbortSignal;
}

type Answer = (context: Context, asked: Asked) => unknown;

const WINDOW = 100;

export const ROUTES: Readonly<Record<string, Answer>> = {
  'GET /api/state': ({ state }) => state(),
  'GET /api/calls': async (context, asked) =>
    windowOf(
      context.reader,
      await selected(context, asked),
      numberOf(asked.words, 'offset', 0),
      numberOf(asked.words, 'limit', WINDOW),
    ),
  'GET /api/next-error': async (context, asked) => {
    const back = asked.words.get('step') === 'back';
    // From -1: the top of the list, which is no place in it.
    const from = asked.words.get('from') === null ? -1 : numberOf(asked.words, 'from', 0);
    return nextError(context.reader, await selected(context, asked), from, back ? -1 : 1) ?? {};
  },
  'GET /api/place': async (context, asked) => ({
    offset: placeOf(context.reader, await selected(context, asked), idOf(asked.words)),
  }),
  'GET /api/call': ({ reader }, { words }) => callDetail(reader, idOf(words)),
  'GET /api/trace': ({ reader }, { words, signal }) =>
    traceOf(reader, idOf(words), words.get('text') || undefined, signal),
  'GET /api/diff': ({ reader }, { words }) => promptDiff(reader, idOf(words), words.get('with') ?? undefined),
  'GET /api/runs': ({ reader }) => reader.runs.filter(({ gone }) => !gone).toSorted((a, b) => b.started - a.started),
  'GET /api/sessions': ({ reader, selections }, { words }) => sessionsOf(reader, selections, readQuery(words)),
  'GET /api/session': ({ reader }, { words }) => sessionDetail(reader, words.get('key') ?? ''),
  'GET /api/groups': ({ reader, selections }, { words }) => {
    const by = words.get('by');
    if (!GROUPINGS.includes(by as Grouping)) throw new RequestError(400, `by must be one of ${GROUPINGS.join(', ')}`);
    return groupsOf(reader, selections, readQuery(words), by as Grouping);
  },
  'GET /api/processes': ({ services }) => services.processes(),
  'POST /api/observe': ({ services }, { body }) => {
    if (services.observe === undefined)
      throw new RequestError(403, 'start the page with --allow-actions to observe processes from it');
    const { pid } = body;
    if (typeof pid !== 'number' || !Number.isInteger(pid) || pid < 1)
      throw new RequestError(400, 'pid must be a number');
    return services.observe(pid);
  },
};

function selected({ selections }: Context, { words, signal }: Asked) {
  const upto = words.get('upto') === null ? undefined : numberOf(words, 'upto', 0);
  return selections.select(readQuery(words), upto, signal);
}

const idOf = (words: URLSearchParams): string => words.get('id') ?? '';

/** The route of a request; undefined where there is none. */
export const routeOf = ({ method }: IncomingMessage, path: string): Answer | undefined =>
  Object.hasOwn(ROUTES, `${method === 'HEAD' ? 'GET' : method} ${path}`)
    ? ROUTES[`${method === 'HEAD' ? 'GET' : method} ${path}`]
    : undefined;
