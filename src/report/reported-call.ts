/**
 * What a person is told about one call, whatever way it was observed: an OTLP span under the local view, a decoded call
 * under `attach`. A field that is not known is absent.
 */
import type { Role, UnixNanos } from '../wire/exchange.js';
import type { Call } from '../wire/llm-call.js';

export interface ReportedCall {
  readonly id: string;
  readonly kind: 'llm' | 'mcp';
  /** Whether the program asked or answered. */
  readonly role?: Role;
  readonly start: UnixNanos;
  /** Seconds. */
  readonly duration?: number;
  /** Seconds from the start to the first output of a streamed call. */
  readonly firstChunk?: number;
  readonly pid?: number;
  /** Name of the program, else of the service. */
  readonly process?: string;
  readonly provider?: string;
  /** As requested, else as answered; for MCP the method and its target. */
  readonly model?: string;
  readonly operation?: string;
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  readonly cacheReadTokens?: number;
  readonly reasoningTokens?: number;
  readonly cost?: { readonly amount: number; readonly currency: string };
  readonly finishReasons: readonly string[];
  readonly toolNames: readonly string[];
  /** `error.type`. */
  readonly error?: string;
  /** Why the record is not whole. */
  readonly partial: readonly string[];
  /** Messages as one text; only with content on and `--verbose`. */
  readonly content?: { readonly input?: string; readonly output?: string; readonly error?: string };
}

const NANOS = 1e9;

function between(from: UnixNanos | undefined, to: UnixNanos | undefined): number | undefined {
  return from === undefined || to === undefined ? undefined : Number(to - from) / NANOS;
}

/** Only what is there: a property that is undefined is left out, as the types want it. */
export function present<T extends object>(fields: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;
}

/** A call that was decoded here (`attach`, `decode`). `at` stands for a start that the source does not know. */
export function reportedFromCall(
  call: Call,
  cost: { amount: number; currency: string } | undefined,
  at: UnixNanos,
): ReportedCall {
  const start = call.start ?? call.firstChunk ?? call.end ?? at;
  const common = {
    id: call.id,
    role: call.role,
    start,
    finishReasons: [],
    toolNames: [],
    partial: call.partial,
    ...present({
      duration: between(call.start, call.end),
      pid: call.pid,
      process: call.process,
      error: call.error?.type,
    }),
  };
  if (call.kind === 'mcp') {
    const target = call.toolName ?? call.promptName;
    return { ...common, kind: 'mcp', provider: 'mcp', model: target ? `${call.method} ${target}` : call.method };
  }
  return {
    ...common,
    kind: 'llm',
    finishReasons: call.response.finishReasons ?? [],
    toolNames: call.toolCalls.map(({ name }) => name),
    ...present({
      firstChunk: between(call.start, call.firstChunk),
      provider: call.provider ?? call.serverAddress,
      model: call.request.model ?? call.response.model,
      operation: call.operation,
      inputTokens: call.usage.inputTokens,
      outputTokens: call.usage.outputTokens,
      cacheReadTokens: call.usage.cacheReadInputTokens,
      reasoningTokens: call.usage.reasoningOutputTokens,
      cost,
    }),
  };
}
