/** What a launch would do, for `--dry-run`: as data for programs and as text for people. Secrets are masked. Pure. */
import { maskAddresses, maskVariable } from '../config/mask.js';
import type { Settings } from '../config/settings.js';
import { settingsToEnvironment } from '../config/to-environment.js';
import { VARIABLES } from '../config/variables.js';
import type { Way } from './answer.js';
import type { LaunchPlan } from './launch.js';

export { MASK } from '../config/mask.js';

export interface LaunchDescription {
  readonly program: string;
  readonly argv: readonly string[];
  readonly way: Way;
  readonly runtimes: readonly string[];
  readonly hooked: readonly string[];
  /** `exec`: the launcher becomes the program. `child`: it stays for the local view. */
  readonly start: 'exec' | 'child';
  /** `null`: the variable is not set now. */
  readonly environment: Readonly<Record<string, { readonly from: string | null; readonly to: string }>>;
  /** What the observer is told, under the names that these settings have as variables. The program is not told. */
  readonly observer: Readonly<Record<string, string>>;
  readonly configuration: string | null;
  /** Where the calls go; `null`: nowhere, or into the local view. */
  readonly endpoint: string | null;
  /** The name that flags, file or environment give the program; `null`: its own. */
  readonly service: string | null;
  readonly why: readonly string[];
  readonly note: string | null;
}

interface LaunchFacts {
  readonly start: LaunchDescription['start'];
  readonly configuration: string | undefined;
  readonly settings: Settings;
}

/** Made anew at each launch. */
const WAY_TO_OBSERVER = '(where this launch finds its observer)';

export function describeLaunch(
  plan: LaunchPlan,
  env: NodeJS.ProcessEnv,
  { start, configuration, settings }: LaunchFacts,
): LaunchDescription {
  const observed = plan.runtimes.length > 0;
  const changes = { ...plan.env, ...(observed ? { [VARIABLES.tap]: WAY_TO_OBSERVER } : {}) };
  const changed = Object.entries(changes).filter(([name, value]) => env[name] !== value);
  const told = observed ? Object.entries(settingsToEnvironment(settings)) : [];
  return {
    program: plan.program.path,
    argv: plan.program.argv,
    way: plan.way,
    runtimes: plan.program.runtimes,
    hooked: plan.runtimes,
    start,
    environment: Object.fromEntries(
      changed.map(([name, value]) => [name, { from: mask(name, env[name]) ?? null, to: mask(name, value) ?? '' }]),
    ),
    observer: Object.fromEntries(told.map(([name, value]) => [name, maskVariable(name, value)])),
    configuration: configuration ?? null,
    endpoint: endpointOf(settings.otlp) ?? null,
    service: settings.serviceName ?? null,
    why: plan.why,
    note: plan.note ?? null,
  };
}

const WAYS: Readonly<Record<Way, string>> = {
  inject: 'inject: a hook inside the program',
  attach: 'attach: probes from outside',
  both: 'both: a hook inside the program, and probes from outside',
  none: 'none: it runs un-observed',
};

/** The base address, else those of the signals. */
function endpointOf({ endpoint, signalEndpoints }: Settings['otlp']): string | undefined {
  const addresses = endpoint === undefined ? [...new Set(Object.values(signalEndpoints))] : [endpoint];
  return addresses.length === 0 ? undefined : maskAddresses(addresses.join(' '));
}

const WITHOUT_ENDPOINT = { child: 'none: calls are shown here', exec: 'none' } as const;

function mask(name: string, value: string | undefined): string | undefined {
  return value === undefined ? undefined : maskVariable(name, value);
}

export function formatLaunch(description: LaunchDescription): string {
  const { environment, hooked, runtimes, way } = description;
  const changes = Object.entries(environment).map(([name, { from, to }]) =>
    from === null ? `  + ${name}=${to}` : `  ~ ${name}=${to}   (was ${from === '' ? 'empty' : from})`,
  );
  const told = Object.entries(description.observer).map(([name, value]) => `  ${name}=${value}`);
  return [
    `program      ${description.program}`,
    `words        ${description.argv.map(word => JSON.stringify(word)).join(' ')}`,
    `runtime      ${runtimes.length > 0 ? runtimes.join(' or ') : 'not known'}`,
    `way          ${WAYS[way]}`,
    `hook         ${hooked.length > 0 ? hooked.join(' and ') : 'none'}`,
    `start        ${description.start === 'exec' ? 'the launcher becomes the program' : 'as a child, under the local view'}`,
    ...(way === 'none' ? [] : [`endpoint     ${description.endpoint ?? WITHOUT_ENDPOINT[description.start]}`]),
    ...(description.service === null ? [] : [`service      ${description.service}`]),
    `file         ${description.configuration ?? 'none'}`,
    'environment',
    ...(changes.length > 0 ? changes : ['  unchanged']),
    ...(told.length > 0 ? ['observer', ...told] : []),
    'why',
    ...description.why.map(line => `  ${line}`),
    ...(description.note === null ? [] : ['note', `  ${description.note}`]),
  ].join('\n');
}
