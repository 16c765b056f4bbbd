/**
 * Layer `process`: would `attach` see the calls of this process? Looks for its TLS code, sets the probes, waits a while
 * for plaintext, and takes everything off again. Counts only: no byte of a body is kept.
 */
import { basename } from 'node:path';
import { type Observation, observe } from '../attach/observation.js';
import { Planner } from '../attach/sources/plan.js';
import { planOf } from '../discovery/targets.js';
import { createTlsInspector } from '../discovery/tls.js';
import { Problem } from '../errors.js';
import { identify } from '../machine/identity.js';
import { createCallDecoder } from '../wire/providers/index.js';
import type { Notes } from './finding.js';

const RING_SIZE = 4 << 20;

/** @param seconds how long to wait for traffic */
export async function checkProcess(pid: number, seconds: number, notes: Notes): Promise<void> {
  try {
    const { name } = identify(pid);
    notes.ok('process', `${name} (pid ${pid})`);
    const { files, refused } = new Planner().plan(pid);
    const plan = planOf(pid, createTlsInspector());
    if (plan?.observedBy) {
      const { by, evidence } = plan.observedBy;
      const fix = `openlit-instrument attach --pid ${pid} --force   (its calls count twice)`;
      notes.unknown('inside', `it is observed from inside by ${by} (${evidence}): attach leaves it out`, fix);
    }
    // Where nothing can be probed, the plan names the reason with what to do.
    if (files.length === 0) return notes.failed('tls code', plan?.why.join('; ') ?? 'it has ended', plan?.note);
    for (const { file, reason } of refused) notes.unknown('tls code', `${file}: ${reason}`);
    for (const { file, library, placement } of files) {
      notes.ok('tls code', `${library} in ${basename(file)}, ${placement.places.length} probe places`);
    }
    await watch(pid, seconds, notes);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    notes.failed('process', [error.message, error.reason].filter(Boolean).join(': '), error.fixes[0]);
  }
}

async function watch(pid: number, seconds: number, notes: Notes): Promise<void> {
  let exchanges = 0;
  let calls = 0;
  let id = 0;
  const lost: string[] = [];
  const decode = createCallDecoder({ content: false, newId: () => String(++id), onCall: () => calls++ });
  const observation: Observation = observe({
    pids: [pid],
    ringSize: RING_SIZE,
    follow: true,
    sink: {
      open: (head, facts, at) => {
        exchanges++;
        return decode(head, facts, at);
      },
      finish: () => Promise.resolve(),
    },
    say: line => lost.push(line),
    attached: () => {},
  });
  const timer = setTimeout(observation.stop, seconds * 1000);
  await observation.done;
  clearTimeout(timer);
  notes.ok('probes', 'set, and taken off again');
  for (const line of lost) notes.unknown('drops', line);
  const again = `openlit-instrument doctor --pid ${pid} --seconds ${seconds * 4}, while it makes a call`;
  if (exchanges === 0) return notes.unknown('plaintext', `no HTTP exchange began within ${seconds} s`, again);
  notes.ok('plaintext', `${exchanges} HTTP exchanges began`);
  if (calls === 0) notes.unknown('calls', 'none of them was an LLM call that ended in that time', again);
  else notes.ok('calls', `${calls} LLM calls were decoded`);
}
