/**
 * The form of a desired-state file:
 *
 * ```yaml
 * workloads:
 *   - key: linux:systemd:myapp.service
 *     observe: on
 *     inject: on
 *     lifecycle: running
 * ```
 */
import { z } from 'zod';

/** The shapes of `machine/workload-key.ts`; a key that can match nothing is an error, not a wish that waits for ever. */
const KEY = /^(k8s:[^:]+:[^:]+:[^:]+|docker:[^:]+|linux:(systemd|exe|proc):[^:]+)$/;

export const KEY_FORMS =
  'k8s:NAMESPACE:DEPLOYMENT:CONTAINER, docker:NAME, linux:systemd:UNIT, linux:exe:HASH or linux:proc:NAME';

/** YAML 1.2 reads `on` as a text, 1.1 as true; people and tools write both. */
const onOff = z
  .union([z.enum(['on', 'off']), z.boolean()], { error: 'on or off' })
  .transform(value => (value === true ? 'on' : value === false ? 'off' : value));

const ENTRY_SHAPE = {
  key: z.string({ error: KEY_FORMS }).regex(KEY, KEY_FORMS),
  observe: onOff.optional(),
  inject: onOff.optional(),
  lifecycle: z.enum(['running', 'stopped'], { error: 'running or stopped' }).optional(),
};

/** Names that exist at each place, for the error that names an unknown one. */
export const ENTRY_NAMES = Object.keys(ENTRY_SHAPE);
export const FILE_NAMES = ['workloads'];

/** An unknown key has words of its own. */
const section =
  (names: readonly string[]) =>
  ({ code }: { readonly code?: string }) =>
    code === 'unrecognized_keys' ? undefined : `a section with ${names.join(', ')}`;

const ENTRY = z.strictObject(ENTRY_SHAPE, { error: section(ENTRY_NAMES) });

export const FILE = z.strictObject(
  { workloads: z.array(ENTRY, { error: 'a list of workloads, each with a key' }) },
  { error: section(FILE_NAMES) },
);
