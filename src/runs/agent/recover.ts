/** Asks the agent, the running one or the next, to try a workload again. */
import path from 'node:path';
import { type Desired, desiredWorkloads, NOTHING_DESIRED } from '../../agent/desired.js';
import { nearestName } from '../../config/nearest.js';
import { EXIT_STATUS, Problem } from '../../errors.js';
import { readIfThere } from './durable.js';
import { askFor } from './requests.js';

/** @throws Problem for a workload that this agent never heard of; NodeJS.ErrnoException where nothing can be written */
export function askToRecover(state: string, workload: string): void {
  const read = <T>(name: string, otherwise: T): T => {
    const text = readIfThere(path.join(state, name));
    return text === undefined ? otherwise : (JSON.parse(text) as T);
  };
  const desired = read<Desired>('desired.json', NOTHING_DESIRED);
  const names = [...new Set([...desiredWorkloads(desired), ...Object.keys(read<object>('workloads.json', {}))])];
  if (!names.includes(workload)) {
    const nearest = nearestName(workload, names);
    throw new Problem({
      code: 'UNKNOWN_WORKLOAD',
      message: `the agent does not know ${JSON.stringify(workload)}`,
      ...(nearest !== undefined && { reason: `did you mean ${nearest}?` }),
      fixes: ['openlit-instrument agent status'],
      exit: EXIT_STATUS.usage,
    });
  }
  askFor(state, { action: 'recover', workload });
}
