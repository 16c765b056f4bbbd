/** The one variable that names our observer, and the little that is handed on of the environment. */

export interface TapSettings {
  /** A unix socket in a folder that only we may enter. Absent: there is no such folder, each thread has an observer. */
  readonly socket?: string;
  /** How the observer is started. Absent: whoever listens there is all there is. */
  readonly observer?: readonly string[];
  /** The shell script that starts it. */
  readonly start?: string;
  /** The end of this program ends the observer as well, so it is waited for. */
  readonly wait: boolean;
  /** In a pod: the observer may come later, or again, however often. */
  readonly retry: boolean;
  /** What the agent calls this program: in a container it cannot know its own name. */
  readonly workload?: string;
}

const VERSION = 1;
export const TAP = 'OPENLIT_INSTRUMENT_TAP';
/** Set where the launch observes from outside what takes no hook. */
export const ATTACHED = 'OPENLIT_INSTRUMENT_ATTACHED';
/** What the observer is told of the program. */
export const TOLD = ['OTEL_SERVICE_NAME', 'OTEL_RESOURCE_ATTRIBUTES'];
/** What the observer runs with: nothing that steers a Node, and nothing secret. */
const HANDED_ON = /^(?:PATH|HOME|XDG_\w+|TMPDIR|LANG)$/;
const OURS = /^(?:OPENLIT_INSTRUMENT_(?:TAP|QUIET|STATUS_FILE|DEBUG)|OTEL_SERVICE_NAME|OTEL_RESOURCE_ATTRIBUTES)$/;

type Variables = Readonly<Record<string, string | undefined>>;

/** The part of an environment that we need; of the rest nothing is kept. */
export function pickEnvironment(env: Variables): Variables {
  const picked: Record<string, string | undefined> = {};
  for (const name of Object.keys(env)) if (OURS.test(name) || HANDED_ON.test(name)) picked[name] = env[name];
  return picked;
}

export function observerEnvironment(env: Variables): string[] {
  const pairs = Object.entries(env).filter(([name, value]) => HANDED_ON.test(name) && value !== undefined);
  return [...pairs.map(([name, value]) => `${name}=${value}`), 'OPENLIT_INSTRUMENT_DISABLED=1'];
}

/** @throws Error that says what is wrong with the variable */
export function tapSettings(env: Variables): TapSettings {
  const settings = JSON.parse(env[TAP] ?? '') as Partial<TapSettings> & { v?: unknown };
  if (settings.v !== VERSION) throw new Error(`${TAP} has version ${settings.v}, and this hook knows ${VERSION}`);
  const { socket, observer, start, wait, retry, workload } = settings;
  return {
    wait: wait === true,
    retry: retry === true,
    ...(typeof socket === 'string' ? { socket } : {}),
    ...(Array.isArray(observer) ? { observer } : {}),
    ...(typeof start === 'string' ? { start } : {}),
    ...(typeof workload === 'string' ? { workload } : {}),
  };
}
