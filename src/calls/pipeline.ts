/**
 * From exchanges to consumers: decode, merge with a framework's spans, content policy and redaction, cost, sampling. What is
 * true for one source is true for all, because all come through here.
 */
import type { ExchangeListener, OpenExchange, UnixNanos } from '../wire/exchange.js';
import { hostFilter } from '../wire/exclude.js';
import type { Call } from '../wire/llm-call.js';
import { createCallDecoder, LaterResults, McpLinks } from '../wire/providers/index.js';
import { cleanCall } from './clean.js';
import { createBodyPrint, createHops } from './hops.js';
import { identify } from './identity.js';
import type { EndedSpan, SpanStart } from './merge/events.js';
import { createSpanMerge, type SpanMerge } from './merge-stage.js';
import type { Attributes } from './model.js';
import type { Consumer, CostOf, Identity, RecordedCall, Target } from './recorded-call.js';
import type { SpanParent } from './trace-context.js';

export interface PipelineOptions {
  readonly consumers: readonly Consumer[];
  readonly costOf: CostOf;
  /** One line, without our name in front. */
  readonly notice: (line: string) => void;
}

/** The calls of one program on their way. */
export interface ObservedTarget {
  readonly target: Target;
  /** Decoder for one exchange; `parent` is the program's span that was active when its request was made. */
  openFor(parent?: SpanParent): OpenExchange;
  /** A span that is not on the wire has begun, or has ended. */
  spanStarted(start: Omit<SpanStart, 'pid'>): void;
  spanEnded(span: EndedSpan): void;
  /** All of its exchanges have ended. */
  end(): void;
}

export interface Pipeline {
  open(target: Target): ObservedTarget;
  /** True when nothing is left to send. */
  flush(milliseconds: number): Promise<boolean>;
  finish(): Promise<void>;
}

export function createPipeline({ consumers, costOf, notice }: PipelineOptions): Pipeline {
  let count = 0;
  let failed = false;
  const hops = createHops();
  /** What the bodies of a call were; a call that the merge has put together has none. */
  const bodies = new WeakMap<Call, string>();

  /** A call that cannot be told is lost and said; the ones after it are not, nor is it lost to the other consumers. */
  function guarded(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!failed) notice(`a call could not be reported (${(error as Error).message})`);
      failed = true;
    }
  }

  function record(target: Target, call: Call, identity: Identity, extra?: Readonly<Attributes>): void {
    guarded(() => {
      const cost = call.kind === 'llm' ? costOf(call) : undefined;
      const sameAs = hops.sameAs(call, identity.spanId, bodies.get(call));
      const recorded: RecordedCall = {
        target,
        call: cleanCall(call, target.settings.content),
        identity,
        ...(cost === undefined ? {} : { cost }),
        ...(extra === undefined ? {} : { extra }),
        ...(sameAs === undefined ? {} : { sameAs }),
      };
      toEach(consumer => consumer.call(recorded));
    });
  }

  function toEach(tell: (consumer: Consumer) => void): void {
    for (const consumer of consumers) guarded(() => tell(consumer));
  }

  const merge = createSpanMerge(
    {
      call: record,
      span: (target, span) => toEach(consumer => consumer.span?.({ target, span })),
    },
    guarded,
  );

  return {
    open: target => openTarget(target),
    async flush(milliseconds) {
      merge.flush();
      const done = await Promise.all(consumers.map(consumer => consumer.flush?.(milliseconds) ?? true));
      return done.every(Boolean);
    },
    async finish() {
      merge.flush();
      await Promise.all(consumers.map(consumer => consumer.finish()));
    },
  };

  function openTarget(target: Target): ObservedTarget {
    const { content, excludedHosts, sampler } = target.settings;
    const wanted = hostFilter(excludedHosts);
    // An MCP session has several connections, and each exchange a decoder of its own.
    const mcp = new McpLinks();
    // A result that is fetched later belongs to the call that asked for it.
    const later = new LaterResults();
    const spans = merge.open(target);

    function decoder(onCall: (call: Call) => void): OpenExchange {
      return (head, facts, at) => {
        const print = createBodyPrint();
        const listener = createCallDecoder({
          content: content.capture !== 'off',
          newId: () => `${++count}`,
          mcp,
          later,
          onCall(call) {
            const printed = print.text();
            if (printed !== undefined) bodies.set(call, printed);
            onCall(call);
          },
          onSession: ended => toEach(consumer => consumer.session?.(ended, target)),
        })(head, facts, at);
        return listener && print.follow(listener);
      };
    }

    function open(parent: SpanParent | undefined): OpenExchange {
      if (!spans.active) return decoder(call => record(target, call, identify(call, parent, sampler)));
      return mergedExchange(spans, parent, decoder);
    }

    return {
      target,
      openFor: parent => wanted(named(target, open(parent))),
      spanStarted: spans.started,
      spanEnded: spans.ended,
      end() {
        spans.close();
        toEach(consumer => consumer.ended?.(target));
      },
    };
  }
}

/** An exchange of a program whose spans are known too: its calls go by way of them. */
function mergedExchange(
  spans: SpanMerge,
  parent: SpanParent | undefined,
  decoder: (onCall: (call: Call) => void) => OpenExchange,
): OpenExchange {
  const key = {};
  const inner = decoder(call => spans.called(key, call));
  return (head, facts, at) => {
    const listener = inner(head, facts, at);
    if (listener === undefined) return undefined;
    spans.left(key, at, parent);
    return withEnd(listener, () => spans.over(key));
  };
}

function withEnd(listener: ExchangeListener, ended: () => void): ExchangeListener {
  return {
    requestHead: (...facts) => listener.requestHead(...facts),
    requestBody: (...facts) => listener.requestBody(...facts),
    requestEnd: at => listener.requestEnd(at),
    responseHead: (...facts) => listener.responseHead(...facts),
    responseTrailers: headers => listener.responseTrailers?.(headers),
    responseBody: (...facts) => listener.responseBody(...facts),
    message: (...facts) => listener.message(...facts),
    partial: reason => listener.partial(reason),
    end(at) {
      listener.end(at);
      ended();
    },
  };
}

/** Every call says whose it is. */
function named({ pid, process }: Target, open: OpenExchange): OpenExchange {
  if (pid === undefined) return open;
  const whose = { pid, ...(process === undefined ? {} : { process }) };
  return (head, facts, at: UnixNanos) => open(head, { ...whose, ...facts }, at);
}
