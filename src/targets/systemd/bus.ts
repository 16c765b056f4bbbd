/**
 * What systemd says of itself and its units, through `busctl`, which comes with systemd: typed JSON, where the lines of
 * `systemctl show` cannot be told apart once a value holds a space or a quote. Read only.
 */
import { EXIT_STATUS, Problem } from '../../errors.js';
import { runCommand } from '../../machine/exec/run-command.js';

export type Scope = 'system' | 'user';

/** D-Bus property -> value without its type. */
export type Properties = Readonly<Record<string, unknown>>;

const MANAGER = '/org/freedesktop/systemd1';

/** @throws Problem that says why nothing is known */
export async function unitProperties(scope: Scope, unit: string): Promise<Properties> {
  return await getAll(scope, `${MANAGER}/unit/${busLabel(unit)}`);
}

/** The manager's own environment: what `PassEnvironment=` hands on. @throws Problem */
export async function managerEnvironment(scope: Scope): Promise<readonly string[]> {
  const all = await getAll(scope, MANAGER);
  return (all['Environment'] as string[] | undefined) ?? [];
}

async function getAll(scope: Scope, object: string): Promise<Properties> {
  const words = [
    `--${scope}`,
    '--json=short',
    '--timeout=10',
    'call',
    'org.freedesktop.systemd1',
    object,
    'org.freedesktop.DBus.Properties',
    'GetAll',
    's',
    '',
  ];
  const { status, stdout, stderr, failure } = await runCommand('busctl', words, 15_000);
  if (failure === 'ENOENT') throw noSystemd('busctl is not on this machine');
  if (status !== 0) throw noSystemd(stderr.trim() || 'busctl was killed');
  const [properties] = (JSON.parse(stdout) as { data: [Record<string, { data: unknown }>] }).data;
  return Object.fromEntries(Object.entries(properties).map(([name, { data }]) => [name, data]));
}

const noSystemd = (reason: string): Problem =>
  new Problem({
    code: 'NO_SYSTEMD',
    message: 'systemd does not answer',
    reason,
    fixes: ['systemctl status', 'openlit-instrument attach --pid PID   # a program that no systemd has'],
    exit: EXIT_STATUS.missingPrivilegeOrFeature,
  });

/** systemd's escaping of a unit's name in an object path: all but ASCII letters and digits, and a digit in front. */
export function busLabel(unit: string): string {
  const encode = (char: string) =>
    [...Buffer.from(char, 'utf8')].map(byte => `_${byte.toString(16).padStart(2, '0')}`).join('');
  return unit.replace(/^\d|[^A-Za-z0-9]/gu, encode);
}
