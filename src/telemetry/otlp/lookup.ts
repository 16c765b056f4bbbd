/**
 * Names of collectors -> addresses, without getaddrinfo. `dns.lookup` runs on a thread that nothing can stop: with a name
 * server that does not answer it holds the program's end, and even `process.exit()`, for 5 s and more (measured: 46 s with
 * retries). c-ares can be cancelled, so here a program waits a second at most, once.
 *
 * The order is the usual one: the address itself, /etc/hosts, then the name servers with the search list of
 * /etc/resolv.conf. Only a name that they say does not exist goes to getaddrinfo after all: their answer was quick, and
 * the system may know other sources (mDNS, LDAP).
 */
import { Resolver, lookup as systemLookup } from 'node:dns';
import { readFileSync } from 'node:fs';
import { isIP, type LookupFunction } from 'node:net';

type Address = { address: string; family: number };

/** Milliseconds for all queries of one name together. */
const LIMIT = 1_000;
/** For one name server, so that a second one has its turn. */
const SERVER_LIMIT = 400;
/** What getaddrinfo says when the name servers do not answer. */
const NO_ANSWER = 'EAI_AGAIN';
/** Milliseconds in which a name that nobody answered for is not asked again: queries of several signals must not chain. */
const SILENCE = 5_000;

export interface LookupSources {
  readonly hosts: () => string;
  readonly resolvConf: () => string;
  /** Name servers, as `dns.setServers` takes them; by default the system's. */
  readonly servers?: readonly string[];
  readonly now: () => number;
}

const SYSTEM: LookupSources = {
  hosts: () => textOf('/etc/hosts'),
  resolvConf: () => textOf('/etc/resolv.conf'),
  now: Date.now,
};

/** For the `lookup` option of `net.connect` and everything above it. */
export function createLookup(sources: LookupSources = SYSTEM): LookupFunction {
  const running = new Map<string, Promise<Address[]>>();
  const silentUntil = new Map<string, number>();

  const resolve = (name: string): Promise<Address[]> => {
    if ((silentUntil.get(name) ?? 0) > sources.now()) return Promise.reject(failure(name, NO_ANSWER));
    let query = running.get(name);
    if (query === undefined) {
      query = find(name, sources)
        .catch(error => {
          if ((error as NodeJS.ErrnoException).code === NO_ANSWER) silentUntil.set(name, sources.now() + SILENCE);
          throw error;
        })
        .finally(() => running.delete(name));
      running.set(name, query);
    }
    return query;
  };

  return (name, options, callback) => {
    resolve(name).then(
      found => {
        const wanted = options.family === 4 || options.family === 6 ? options.family : 0;
        const usable = found.filter(({ family }) => wanted === 0 || family === wanted);
        const [first] = usable;
        if (first === undefined) callback(failure(name, 'ENOTFOUND'), '');
        else if (options.all) callback(null, usable);
        else callback(null, first.address, first.family);
      },
      (error: NodeJS.ErrnoException) => callback(error, ''),
    );
  };
}

async function find(name: string, sources: LookupSources): Promise<Address[]> {
  const family = isIP(name);
  if (family !== 0) return [{ address: name, family }];
  const listed = fromHosts(sources.hosts(), name);
  if (listed.length > 0) return listed;
  if (/^localhost\.?$/i.test(name)) return [v4('127.0.0.1'), v6('::1')];
  const resolver = new Resolver({ timeout: SERVER_LIMIT, tries: 1 });
  if (sources.servers !== undefined) resolver.setServers(sources.servers);
  let expired = false;
  const timer = setTimeout(() => {
    expired = true;
    resolver.cancel();
  }, LIMIT).unref();
  try {
    for (const candidate of candidates(name, sources.resolvConf())) {
      const found = await query(resolver, candidate);
      if (found.length > 0) return found;
      if (expired) break;
    }
  } finally {
    clearTimeout(timer);
  }
  if (expired) throw failure(name, NO_ANSWER);
  return fromSystem(name);
}

/** Both families at once; empty when the name does not exist. Rejects when nobody answers. */
async function query(resolver: Resolver, name: string): Promise<Address[]> {
  const one = (method: 'resolve4' | 'resolve6', make: (address: string) => Address): Promise<Address[]> =>
    new Promise((resolve, reject) => {
      resolver[method](name, (error, addresses) => {
        if (error === null) resolve(addresses.map(make));
        else if (error.code === 'ENOTFOUND' || error.code === 'ENODATA') resolve([]);
        else reject(error);
      });
    });
  const answers = await Promise.allSettled([one('resolve4', v4), one('resolve6', v6)]);
  const found = answers.flatMap(answer => (answer.status === 'fulfilled' ? answer.value : []));
  if (found.length > 0 || answers.every(answer => answer.status === 'fulfilled')) return found;
  throw failure(name, NO_ANSWER);
}

/** resolv.conf(5): a name with fewer dots than `ndots` is looked for in the search list first. */
export function candidates(name: string, resolvConf: string): string[] {
  if (name.endsWith('.')) return [name.slice(0, -1)];
  let search: string[] = [];
  let ndots = 1;
  for (const line of resolvConf.split('\n')) {
    const [word, ...rest] = line.trim().split(/\s+/);
    if (word === 'search' || word === 'domain') search = rest.filter(domain => domain !== '.');
    else if (word === 'options') {
      const found = rest.map(option => /^ndots:(\d+)$/.exec(option)?.[1]).find(Boolean);
      if (found !== undefined) ndots = Number(found);
    }
  }
  const searched = search.map(domain => `${name}.${domain.replace(/\.$/, '')}`);
  return name.split('.').length - 1 >= ndots ? [name, ...searched] : [...searched, name];
}

/** hosts(5); a name may stand in several lines. */
export function fromHosts(hosts: string, name: string): Address[] {
  const wanted = name.toLowerCase().replace(/\.$/, '');
  const found: Address[] = [];
  for (const line of hosts.split('\n')) {
    const [address, ...names] = (line.split('#')[0] as string).trim().split(/\s+/);
    if (address === undefined || !names.some(each => each.toLowerCase() === wanted)) continue;
    const family = isIP(address);
    if (family !== 0) found.push({ address, family });
  }
  return found;
}

function fromSystem(name: string): Promise<Address[]> {
  return new Promise((resolve, reject) => {
    systemLookup(name, { all: true }, (error, addresses) => (error === null ? resolve(addresses) : reject(error)));
  });
}

const v4 = (address: string): Address => ({ address, family: 4 });
const v6 = (address: string): Address => ({ address, family: 6 });

function failure(name: string, code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`no address for ${name}`), { code });
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
