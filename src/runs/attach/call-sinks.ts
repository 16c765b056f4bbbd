/** Sinks that want LLM calls: JSON lines, telemetry, or whatever the command shows. All decode once, together. */

import type { ExchangeSink } from '../../attach/observation.js';
import type { Cost } from '../../calls/cost.js';
import type { ProcessIdentity } from '../../machine/identity.js';
import { callLine } from '../../telemetry/call-line.js';
import type { Telemetry, TelemetryHub } from '../../telemetry/pipeline.js';
import type { RenderOptions } from '../../telemetry/render.js';
import type { CostOf } from '../../telemetry/target.js';
import { excludeHosts } from '../../wire/exclude.js';
import type { Call, McpSession } from '../../wire/llm-call.js';
import { createCallDecoder } from '../../wire/providers/index.js';
import type { LineWriter } from './line-writer.js';
import { resourceOfProcess } from './process-resource.js';

/** One way out for calls. */
export interface CallConsumer {
  call(call: Call, cost: Cost | undefined): void;
  /** An MCP session that is over. */
  session?(session: McpSession): void;
  process?(facts: ProcessIdentity): void;
  ended?(facts: ProcessIdentity): void;
  finish(): Promise<void>;
}

export interface CallSinkOptions {
  /** Whether messages are collected at all. */
  readonly content: boolean;
  readonly costOf: CostOf;
  /** Hosts whose calls are not reported; `*` stands for any characters. */
  readonly excludedHosts: readonly string[];
  readonly consumers: readonly CallConsumer[];
}

export function callSink({ content, costOf, excludedHosts, consumers }: CallSinkOptions): ExchangeSink {
  let count = 0;
  return {
    open: excludeHosts(
      createCallDecoder({
        content,
        newId: () => `${++count}`,
        onCall: call => {
          const cost = call.kind === 'llm' ? costOf(call) : undefined;
          for (const consumer of consumers) consumer.call(call, cost);
        },
        onSession: session => {
          for (const consumer of consumers) consumer.session?.(session);
        },
      }),
      excludedHosts,
    ),
    process: facts => {
      for (const consumer of consumers) consumer.process?.(facts);
    },
    ended: facts => {
      for (const consumer of consumers) consumer.ended?.(facts);
    },
    finish: async () => {
      await Promise.all(consumers.map(consumer => consumer.finish()));
    },
  };
}

/** `--format json`: one line for each call (design §2). */
export function callLines(lines: LineWriter, render: Omit<RenderOptions, 'cost'>): CallConsumer {
  return {
    call: (call, cost) => lines.line(JSON.stringify(callLine(call, cost === undefined ? render : { ...render, cost }))),
    finish: async () => lines.flush(),
  };
}

export interface CallTelemetryOptions {
  readonly hub: TelemetryHub;
  readonly settings: Parameters<typeof resourceOfProcess>[1];
  readonly version: string;
}

/** OTLP: each process under a resource of its own, read from its environment when it is first seen. */
export function callTelemetry({ hub, settings, version }: CallTelemetryOptions): CallConsumer {
  const open = new Map<number, { telemetry: Telemetry; name: string }>();
  const leaving = new Set<Promise<void>>();
  const end = (pid: number) => {
    const found = open.get(pid);
    if (!found) return;
    open.delete(pid);
    const done = found.telemetry.shutdown().finally(() => leaving.delete(done));
    leaving.add(done);
  };
  const start = (facts: ProcessIdentity) => {
    const known = open.get(facts.pid);
    if (known?.name === facts.name) return;
    end(facts.pid); // another program now (exec): another resource
    open.set(facts.pid, { name: facts.name, telemetry: hub.open(resourceOfProcess(facts, settings, version)) });
  };
  return {
    process: start,
    ended: facts => end(facts.pid),
    call: call => (call.pid === undefined ? undefined : open.get(call.pid)?.telemetry.record(call)),
    session: session => (session.pid === undefined ? undefined : open.get(session.pid)?.telemetry.session(session)),
    finish: async () => {
      for (const pid of [...open.keys()]) end(pid);
      await Promise.all(leaving);
      await hub.shutdown();
    },
  };
}
