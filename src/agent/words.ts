/** States and reasons: one code for programs, one line for people. The vocabulary follows Odigos', which people know. */

/**
 * `off`: nobody asks. `on`: as asked. `adopted`: as asked, by somebody else's hook. `working`: we are at it. `waiting`: it
 * will be done. `refused`: it will not, and nothing was touched. `failed`: tried, and as before. `rolled-back`: done, it got
 * worse, undone. `unclear`: a person has to look. `gone`: not seen any more.
 */
export const STATES = [
  'off',
  'on',
  'adopted',
  'working',
  'waiting',
  'refused',
  'failed',
  'rolled-back',
  'unclear',
  'gone',
] as const;

export type State = (typeof STATES)[number];

export interface Reason {
  readonly code: ReasonCode;
  readonly text: string;
  /** A line to type. */
  readonly fix?: string;
}

/** What a reason may name. */
export interface ReasonFacts {
  readonly workload?: string;
  readonly by?: string | undefined;
  readonly evidence?: string | undefined;
  readonly detail?: string | undefined;
  readonly replica?: string | undefined;
  readonly source?: string | undefined;
  readonly count?: number;
  /** ms from now. */
  readonly wait?: number;
  readonly fix?: string | undefined;
}

type Sentence = (facts: ReasonFacts) => string;

const because = (detail: string | undefined): string => (detail === undefined ? '' : `: ${detail}`);

const SENTENCES = {
  'not-asked': () => 'nobody asks for it',
  'as-asked': ({ source }) => (source === undefined ? 'as asked' : `as the ${source} asks`),
  'switched-off': ({ source }) => `the ${source} asks for off`,
  'lock-held': ({ by }) => `another agent on this machine acts (${by}); this one only reports`,
  'facts-old': ({ wait }) => `last seen ${span(wait)} ago; nothing is done until it is seen again`,
  'not-seen': () => 'not seen on this machine now',
  working: ({ detail }) => `${detail} runs`,
  looking: ({ detail }) => `${detail} was cut off; looking what became of it`,
  'outcome-unclear': ({ detail }) => `${detail} was cut off, and what became of it cannot be told`,
  'back-off': ({ count, wait, detail }) => `failed ${times(count)}, next try in ${span(wait)}${because(detail)}`,
  'waiting-in-queue': ({ count }) => `waits: ${count} workloads are being changed, and no more at once`,
  'rollout-ongoing': () => 'waits for the rollout that runs now',
  'rollout-paused': () => 'its rollout is paused; resume it first',
  'waiting-for-canary': ({ replica }) => `waits until ${replica}, the first one, stays well`,
  'waiting-until-ready': () => 'changed; waits until all of it is ready',
  'not-ready': () => 'waits until it is ready',
  'one-at-a-time': ({ detail }) => `waits until ${detail} has ended`,
  'waiting-for-restart': () => 'written; takes effect when it starts next',
  'waiting-to-run': () => 'it does not run; done when it does',
  outdated: () => 'runs with an earlier version of the hook until it is switched off and on',
  'cannot-be-done': ({ detail }) => detail ?? 'cannot be done here',
  'bare-process': () =>
    'a process that no manager starts is never started again by us; attach sees it without a restart',
  conflict: ({ by, evidence }) => `${by} observes it already (${evidence}); two would count every call twice`,
  'adopted-from': ({ by, evidence }) => `${by} observes it already (${evidence})`,
  'crashed-before': ({ replica, detail }) => `${replica} was in trouble (${detail}) before us; it is not touched`,
  'owned-by-other': ({ by }) => `${by} owns the fields and would undo the change; use the annotation instead`,
  'undone-by-other': () => 'somebody took the change out again; it is not fought over',
  'recreated-too-often': ({ count }) =>
    `somebody made it anew ${times(count)} within an hour, and it is not followed further`,
  'not-restarted-twice': ({ detail }) => `it was restarted once for this wish, and not again${because(detail)}`,
  'failed-for-good': ({ detail }) => detail ?? 'failed, and trying again cannot help',
  'rolled-back': ({ replica, detail }) =>
    `taken back: ${replica ?? 'it'} got into trouble (${detail}) after the change`,
  'restart-done': () => 'restarted once, as asked',
} satisfies Record<string, Sentence>;

export type ReasonCode = keyof typeof SENTENCES;

export const REASON_CODES = Object.keys(SENTENCES) as ReasonCode[];

/** Reasons that a person ends with one line, where the facts bring none of their own. */
const FIXES: Partial<Record<ReasonCode, (workload: string) => string>> = {
  'rolled-back': workload => `openlit-instrument agent recover ${workload}`,
  'not-restarted-twice': workload => `openlit-instrument agent recover ${workload}`,
  'failed-for-good': workload => `openlit-instrument agent recover ${workload}`,
  'outcome-unclear': workload => `openlit-instrument agent recover ${workload}`,
};

export function reason(code: ReasonCode, facts: ReasonFacts = {}): Reason {
  const fix = facts.fix ?? (facts.workload === undefined ? undefined : FIXES[code]?.(facts.workload));
  return { code, text: (SENTENCES[code] as Sentence)(facts), ...(fix !== undefined && { fix }) };
}

/** With the line to type. */
export const longReason = ({ text, fix }: Reason): string => (fix === undefined ? text : `${text}; try: ${fix}`);

const times = (count: number | undefined): string => (count === 1 ? 'once' : `${count} times`);

function span(wait = 0): string {
  const seconds = Math.max(1, Math.ceil(wait / 1000));
  return seconds < 120 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`;
}
