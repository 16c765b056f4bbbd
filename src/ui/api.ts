/** What the page and its server say to each other: types alone. */
import type { CallRow } from '../store/call-table.js';
import type { StoredLine } from '../store/kept-lines.js';
import type { Run } from '../store/reader.js';
import type { Sums } from '../store/sums.js';

export type { CallRow, Run, StoredLine, Sums };

/** Which calls, as the page asks and as the address of the page holds it. */
export interface Query {
  readonly model?: string;
  readonly provider?: string;
  readonly process?: string;
  readonly operation?: string;
  readonly session?: string;
  /** `1`: all that failed; otherwise an `error.type`. */
  readonly error?: string;
  /** Key of a run. */
  readonly run?: string;
  readonly trace?: string;
  readonly text?: string;
  readonly sort?: SortKey;
  readonly order?: 'up' | 'down';
}

export const SORT_KEYS = ['start', 'duration', 'firstChunk', 'inputTokens', 'outputTokens', 'cost'] as const;
export type SortKey = (typeof SORT_KEYS)[number];

export interface State {
  readonly version: string;
  /** Rows read so far. */
  readonly upto: number;
  /** Not everything that is kept was read yet. */
  readonly reading: boolean;
  /** Whether processes may be observed from the page. */
  readonly actions: boolean;
}

export interface CallsPage {
  /** Calls of the selection. */
  readonly total: number;
  /** The rows that were looked at: ask with it again to see the same list, whatever came since. */
  readonly upto: number;
  readonly offset: number;
  readonly rows: readonly CallRow[];
  readonly sums: Sums;
}

export type Part =
  | { readonly type: 'text' | 'reasoning'; readonly text: string; readonly html?: string }
  | { readonly type: 'tool_call'; readonly name: string; readonly text: string; readonly id?: string }
  | { readonly type: 'tool_result'; readonly text: string; readonly id?: string }
  /** `source` is a `data:` address that was in the call; without one the picture lies elsewhere, at `text`. */
  | { readonly type: 'image'; readonly source?: string; readonly text: string }
  | { readonly type: 'other'; readonly text: string };

export interface ChatMessage {
  readonly role: string;
  readonly parts: readonly Part[];
  readonly finish?: string;
}

export interface ToolDefinition {
  readonly name: string;
  readonly description?: string;
  readonly text: string;
}

export interface CallDetail {
  readonly row: CallRow;
  /** Absent where its file is gone. */
  readonly line?: StoredLine;
  readonly run?: Run;
  readonly input: readonly ChatMessage[];
  readonly output: readonly ChatMessage[];
  readonly tools: readonly ToolDefinition[];
  /** Spans and calls of its trace. */
  readonly traceSize: number;
  /** Id of the call before it in its session, or in its run where it has no session. */
  readonly previous?: string;
  readonly curl: { readonly command: string } | { readonly why: string };
}

export interface TraceNode {
  readonly row: CallRow;
  readonly depth: number;
  /** Of a step: tokens and cost of the calls below it. */
  readonly below?: Pick<Sums, 'inputTokens' | 'outputTokens' | 'cost'>;
  /** Where a text is looked for: whether it stands in this step or call. */
  readonly found?: boolean;
}

export interface Growth {
  readonly id: string;
  readonly start?: number;
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  readonly cost?: number;
  readonly error?: string;
}

export type Piece = readonly [change: 'same' | 'added' | 'removed', text: string];

export interface MessageDiff {
  readonly change: 'same' | 'added' | 'removed' | 'changed';
  readonly role: string;
  readonly pieces: readonly Piece[];
}

export interface PromptDiff {
  readonly previous?: CallRow;
  readonly current: CallRow;
  /** Why there is nothing to compare. */
  readonly why?: string;
  readonly messages: readonly MessageDiff[];
  /** The session up to now. */
  readonly growth: readonly Growth[];
}

export interface Session {
  readonly key: string;
  readonly sums: Sums;
}

export interface SessionDetail {
  readonly key: string;
  readonly sums: Sums;
  readonly calls: readonly Growth[];
}

export interface ProcessRow {
  readonly pid: number;
  readonly name: string;
  readonly command: string;
  readonly runtime?: string;
  readonly evidence: string;
  readonly way: string;
  readonly note?: string;
  /** What to type to observe it; absent where nothing helps, or where it is observed already. */
  readonly observe?: string;
  /** The page may start it. */
  readonly mayStart: boolean;
  readonly observation?: Observation;
}

export interface Observation {
  readonly pid: number;
  readonly state: 'starting' | 'attached' | 'ended';
  /** Its last line. */
  readonly text?: string;
}

export interface Processes {
  readonly processes: readonly ProcessRow[];
  /** Processes of other users that only root can look into. */
  readonly unreadable: number;
}

/** Over the stream of events. */
export interface Change {
  readonly upto: number;
  readonly reading: boolean;
  /** Runs that are there. */
  readonly runs: number;
}
