/**
 * The one record after decoding. Whatever a call was seen by (a tap in Python or Node, the kernel, a recording), from here
 * on it is this: content left out or cut as was asked for, credentials taken out, its cost, its place in a trace, and whose
 * it is. Consumers render it and decide nothing.
 */
import type { Call, LlmCall, McpSession } from '../wire/llm-call.js';
import type { ContentPolicy } from './content.js';
import type { Cost } from './cost.js';
import type { Generation } from './genai-attributes.js';
import type { CallName } from './hops.js';
import type { Attributes, Resource, Span } from './model.js';
import type { Sampler } from './sampling.js';

export type CostOf = (call: LlmCall) => Cost | undefined;

/** How the calls of one target are treated: each target has its own, also where one observer serves many. */
export interface TargetSettings {
  readonly content: ContentPolicy;
  readonly generation: Generation;
  /** The details event is opt-in: with content in events, or when it was asked for by name. */
  readonly emitEvent: boolean;
  readonly sampler: Sampler;
  /** Hosts whose calls are not reported; `*` stands for any characters. */
  readonly excludedHosts: readonly string[];
}

/** One observed program. */
export interface Target {
  readonly resource: Resource;
  readonly settings: TargetSettings;
  readonly pid?: number;
  /** Name of the program, for people. */
  readonly process?: string;
}

/** The span that a call is, and where it hangs. */
export type Identity = Pick<
  Span,
  'traceId' | 'spanId' | 'parentSpanId' | 'parentIsRemote' | 'traceState' | 'traceFlags'
>;

export interface RecordedCall {
  readonly target: Target;
  /** Clean: see `clean.ts`. */
  readonly call: Call;
  readonly cost?: Cost;
  readonly identity: Identity;
  /** What a framework's own span of this call adds: names of agents, conversations. Clean. */
  readonly extra?: Readonly<Attributes>;
  /** The call that this one is, told before of another place: it has a span of its own, and is not counted again. */
  readonly sameAs?: CallName;
}

/** A span that is no call: an agent, a tool, a chain, a retrieval. Clean, and without figures of the calls in it. */
export interface RecordedSpan {
  readonly target: Target;
  readonly span: Span;
}

/** One way out. Nothing here may throw or wait, but `flush` and `finish`. */
export interface Consumer {
  call(recorded: RecordedCall): void;
  span?(recorded: RecordedSpan): void;
  /** An MCP session that is over: measured, not traced. */
  session?(session: McpSession, target: Target): void;
  /** The program has ended, and all of its calls were told. */
  ended?(target: Target): void;
  /** Sends what waits, within so many milliseconds; true when nothing is left. */
  flush?(milliseconds: number): Promise<boolean>;
  finish(): Promise<void>;
}
