/**
 * Whether a container that was made anew is the same one. Asked of the engine before the old one is stopped: a field that
 * it takes and does not give back, or never showed, is found here and not by a person later. Pure.
 */
import { type Container, nameOf } from './inspect.js';

/** Names of fields that differ and should not; empty: the same but for environment and binds. */
export function differences(before: Container, after: Container): string[] {
  const found: string[] = [];
  compare('', facts(before), facts(after), found);
  return found;
}

function facts(container: Container): object {
  const { Hostname, Env: _env, Image: _image, ...config } = container.Config;
  const { Binds: _binds, Links, ...host } = container.HostConfig;
  const networks = Object.entries(container.NetworkSettings?.Networks ?? {}).map(([name, endpoint]) => [
    name,
    {
      IPAMConfig: endpoint.IPAMConfig,
      Links: endpoint.Links,
      DriverOpts: endpoint.DriverOpts,
      // The engine adds these two itself once it starts.
      Aliases: (endpoint.Aliases ?? []).filter(alias => !container.Id.startsWith(alias) && alias !== Hostname).sort(),
    },
  ]);
  return {
    Config: {
      ...config,
      Hostname: Hostname && container.Id.startsWith(Hostname) ? undefined : Hostname,
    },
    HostConfig: { ...host, Links: Links?.map(link => link.replace(`/${nameOf(container)}/`, '/')) },
    Networks: Object.fromEntries(networks),
    Image: container.Image,
  };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Empty is one thing, however deep and however the engine writes it. */
function plain(value: unknown): unknown {
  if (value === null || value === '' || value === 0 || value === false) return undefined;
  if (Array.isArray(value)) return value.length === 0 ? undefined : value;
  if (!isObject(value)) return value;
  const entries = Object.entries(value).flatMap(([key, field]) => {
    const kept = plain(field);
    return kept === undefined ? [] : [[key, kept] as const];
  });
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

function compare(at: string, before: unknown, after: unknown, found: string[]): void {
  const [one, other] = [plain(before), plain(after)];
  if ((isObject(one) || one === undefined) && (isObject(other) || other === undefined)) {
    for (const key of new Set([...Object.keys(one ?? {}), ...Object.keys(other ?? {})]))
      compare(at === '' ? key : `${at}.${key}`, one?.[key], other?.[key], found);
  } else if (JSON.stringify(one) !== JSON.stringify(other)) found.push(at);
}
