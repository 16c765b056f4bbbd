/**
 * The program's own OpenTelemetry, where it has one: the span that is active when a request is made becomes the parent of
 * ours, and a call that the program's own GenAI instrumentation reports is not reported twice. Read through the API's
 * global symbol and Node's diagnostics channels.
 */
import diagnostics from 'node:diagnostics_channel';
import type { CallContext } from './channel.js';
import { instrumentationOfCalls } from './instrumentations.js';

/** @opentelemetry/api 1.x keeps its registry here, and makes context keys with `Symbol.for` (src/context/context.ts). */
const API = Symbol.for('opentelemetry.js.api.1');
const SPAN = Symbol.for('OpenTelemetry Context Key SPAN');
const SUPPRESSED = Symbol.for('OpenTelemetry SDK Context Key SUPPRESS_TRACING');

interface SpanLike {
  spanContext(): { traceId: string; spanId: string; traceFlags: number; traceState?: { serialize(): string } };
  /** The SDK's spans have these; others may not. */
  readonly attributes?: Readonly<Record<string, unknown>>;
  readonly parentSpanId?: string;
  readonly parentSpanContext?: unknown;
}
interface ContextLike {
  getValue(key: symbol): unknown;
}

/** Operations whose span is the model call itself. A span of an agent, a tool or a chain is a parent, not a duplicate. */
const CALLS: ReadonlySet<unknown> = new Set(['chat', 'text_completion', 'embeddings', 'generate_content']);
const CALL_KINDS: ReadonlySet<unknown> = new Set(['LLM', 'EMBEDDING']);

export interface AppContext {
  /** For a request that is being written to this socket, or (HTTP/2) is being made. */
  of(socket: object | undefined): CallContext | undefined;
}

export function createAppContext(): AppContext {
  const byRequest = new WeakMap<object, CallContext>();
  const bySocket = new WeakMap<object, CallContext>();

  function remember(request: object | undefined): void {
    if (request === undefined || byRequest.has(request) || contextManager() === undefined) return;
    const context = active();
    if (context !== undefined) byRequest.set(request, context);
  }

  // A request may be written later than it was made, from the context of another one that used the connection. Subscribed
  // from the start, because a program's first requests are made before they connect; a program without OpenTelemetry pays
  // one property look-up a request.
  const subscriptions: readonly [string, (message: Record<string, object>) => void][] = [
    ['http.client.request.created', ({ request }) => remember(request)],
    ['http.client.request.start', ({ request }) => remember(request)],
    ['undici:request:create', ({ request }) => remember(request)],
    [
      'undici:client:sendHeaders',
      ({ request, socket }) => {
        const context = request && byRequest.get(request);
        if (socket === undefined) return;
        if (context === undefined) bySocket.delete(socket);
        else bySocket.set(socket, context);
      },
    ],
  ];

  for (const [name, listener] of subscriptions) diagnostics.subscribe(name, listener as never);

  return {
    of(socket) {
      if (contextManager() === undefined) {
        const reported = instrumentationOfCalls();
        return reported === undefined ? undefined : { reported };
      }
      const request = (socket as { _httpMessage?: object } | undefined)?._httpMessage;
      const made = (request && byRequest.get(request)) ?? (socket && bySocket.get(socket));
      return made ?? active();
    },
  };
}

function contextManager(): { active(): ContextLike } | undefined {
  return (globalThis as Record<symbol, { context?: { active(): ContextLike } } | undefined>)[API]?.context;
}

function active(): CallContext | undefined {
  try {
    const whole = instrumentationOfCalls();
    if (whole !== undefined) return { reported: whole };
    const context = contextManager()?.active();
    if (context?.getValue(SUPPRESSED) === true) return { reported: 'a suppressed context' };
    const span = context?.getValue(SPAN) as SpanLike | undefined;
    const identity = span?.spanContext();
    if (span === undefined || identity === undefined || /^0*$/.test(identity.traceId)) return undefined;
    if (reportsCall(span.attributes)) return { reported: 'the active span' };
    const traceState = identity.traceState?.serialize();
    const { traceId, spanId, traceFlags } = identity;
    return { parent: { traceId, spanId, traceFlags, ...(traceState ? { traceState } : {}) } };
  } catch {
    return undefined;
  }
}

/** Whether these are the attributes of a span for a model call: conventions old and new, OpenInference, `ai`. */
export function reportsCall(attributes: Readonly<Record<string, unknown>> | undefined): boolean {
  if (attributes === undefined) return false;
  const operation = attributes['gen_ai.operation.name'];
  if (operation !== undefined) return CALLS.has(operation);
  if (CALL_KINDS.has(attributes['openinference.span.kind'])) return true;
  return attributes['gen_ai.request.model'] !== undefined || attributes['llm.request.type'] !== undefined;
}
