/**
 * From exchanges to consumers: decode, merge with a framework's spans, content policy and redaction, cost, sampling. What is
 * true for one source is true for all, because all come through here.
 */
import type { OpenExchange, UnixNanos } from '../wire/exchange.js';
import { hostFilter } from '../wire/exclude.js';
import type { Call, McpSession } from '../wire/llm-call.js';
import { createCallDecoder, McpLinks } from '../wire/providers/index.js';
import { cleanCall } from './clean.js';
import { identify } from './identity.js';
import type { Consumer, CostOf, RecordedCall, Target } from './recorded-call.js';
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

  /** A call that cannot be told is lost and said; the ones after it are not. */
  function guarded(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!failed) notice(`a call could not be reported (${(error as Error).message})`);
      failed = true;
    }
  }

  function record(target: Target, call: Call, parent: SpanParent | undefined): void {
    guarded(() => {
      const cost = call.kind === 'llm' ? costOf(call) : undefined;
      const recorded: RecordedCall = {
        target,
        call: cleanCall(call, target.settings.content),
        identity: identify(call, parent, target.settings.sampler),
        ...(cost === undefined ? {} : { cost }),
      };
      for (const consumer of consumers) consumer.call(recorded);
    });
  }

  const session = (target: Target, ended: McpSession) =>
    guarded(() => {
      for (const consumer of consumers) consumer.session?.(ended, target);
    });

  return {
    open(target) {
      const { content, excludedHosts } = target.settings;
      const wanted = hostFilter(excludedHosts);
      // An MCP session has several connections, and each exchange a decoder of its own.
      const mcp = new McpLinks();
      return {
        target,
        openFor: parent =>
          wanted(
            named(
              target,
              createCallDecoder({
                content: content.capture !== 'off',
                newId: () => `${++count}`,
                mcp,
                onCall: call => record(target, call, parent),
                onSession: ended => session(target, ended),
              }),
            ),
          ),
        end: () =>
          guarded(() => {
            for (const consumer of consumers) consumer.ended?.(target);
          }),
      };
    },
    async flush(milliseconds) {
      const done = await Promise.all(consumers.map(consumer => consumer.flush?.(milliseconds) ?? true));
      return done.every(Boolean);
    },
    finish: async () => void (await Promise.all(consumers.map(consumer => consumer.finish()))),
  };
}

/** Every call says whose it is. */
function named({ pid, process }: Target, open: OpenExchange): OpenExchange {
  if (pid === undefined) return open;
  const whose = { pid, ...(process === undefined ? {} : { process }) };
  return (head, facts, at: UnixNanos) => open(head, { ...whose, ...facts }, at);
}
