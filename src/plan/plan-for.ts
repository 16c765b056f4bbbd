/** The one place that decides how something is observed. Pure: what it needs to know is handed in. */
import { type LaunchPlan, type LaunchTarget, planLaunch } from './launch.js';
import { planRunning, type RunningPlan, type RunningTarget } from './running.js';

export type Target = LaunchTarget | RunningTarget;

export function planFor(target: LaunchTarget): LaunchPlan;
export function planFor(target: RunningTarget): RunningPlan;
export function planFor(target: Target): LaunchPlan | RunningPlan {
  return target.kind === 'launch' ? planLaunch(target) : planRunning(target);
}
