/** attach's exchanges into the pipeline: each observed process is a target with a resource of its own. */
import type { ExchangeSink } from '../../attach/observation-options.js';
import type { ObservedTarget, Pipeline } from '../../calls/pipeline.js';
import type { Target } from '../../calls/recorded-call.js';
import type { ProcessIdentity } from '../../machine/identity.js';
import type { OpenExchange } from '../../wire/exchange.js';

interface Observed {
  readonly name: string;
  readonly target: ObservedTarget;
  readonly open: OpenExchange;
}

/** @param targetOf asked when a process is first seen, and again when it became another program */
export function callSink(pipeline: Pipeline, targetOf: (facts: ProcessIdentity) => Target): ExchangeSink {
  const observed = new Map<number, Observed>();

  function end(pid: number): void {
    observed.get(pid)?.target.end();
    observed.delete(pid);
  }

  return {
    open: (head, facts, at) => (facts.pid === undefined ? undefined : observed.get(facts.pid)?.open(head, facts, at)),
    process(facts) {
      if (observed.get(facts.pid)?.name === facts.name) return;
      end(facts.pid); // another program now (exec): another resource
      const target = pipeline.open(targetOf(facts));
      observed.set(facts.pid, { name: facts.name, target, open: target.openFor() });
    },
    ended: facts => end(facts.pid),
    async finish() {
      for (const pid of [...observed.keys()]) end(pid);
      await pipeline.finish();
    },
  };
}
