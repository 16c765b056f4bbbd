/** Who observes: nobody, empty probes, a peer where one is ready, and we. Each in a session of its own, as a service is. */
import { closeSync, existsSync, openSync, readFileSync, readlinkSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { start } from './children.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.join(here, '../..');
const CONTESTANTS = path.join(root, '../shared/bench/attach/contestants.toml');
const PEER = 'AgentSight sslsniff';

export const OURS = 'attach --format exchanges';

/** name -> `{command(pid), ready}`; undefined for nobody. What cannot run here is said and left out. */
export function observers(more = []) {
  const floor = places => ({
    command: pid => [process.execPath, path.join(here, 'floor.mjs'), `${pid}`, places],
    ready: /^attached$/,
  });
  const peer = readPeer();
  return {
    bare: undefined,
    'floor: empty, our places': floor('inner'),
    'floor: empty, names': floor('names'),
    'floor: empty, sockets': floor('sockets'),
    ...(peer ? { [PEER]: peer } : {}),
    [OURS]: {
      command: pid => [
        process.execPath,
        path.join(root, 'bin/run.js'),
        'attach',
        '--pid',
        `${pid}`,
        '--format',
        'exchanges',
        ...more,
      ],
      ready: /^attached/,
    },
  };
}

/** A TOML list of plain texts is JSON: all that is read of the table. */
function readPeer() {
  const skip = why => {
    console.log(`left out: ${PEER}: ${why}`);
    return undefined;
  };
  if (!existsSync(CONTESTANTS)) return skip('the shared bench is not beside the clone');
  const table =
    readFileSync(CONTESTANTS, 'utf8')
      .split('[[contestant]]')
      .find(text => text.includes(`"${PEER}"`)) ?? '';
  const words = JSON.parse(/^command = (\[.*\])$/m.exec(table)?.[1] ?? 'null');
  if (!words) return skip('the shared bench has no such contestant');
  const missing = words
    .flatMap(word => [...word.matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name))
    .filter(name => !process.env[name]);
  if (missing.length > 0) return skip(`${missing.join(', ')} not set (peers.sh of the shared bench)`);
  const fill = (word, values) => word.replace(/\$?\{(\w+)\}/g, (all, name) => process.env[name] ?? values[name] ?? all);
  return {
    command: pid => words.map(word => fill(word, { pid: `${pid}`, target: tlsFileOf(pid) })),
    ready: new RegExp(/^ready = "(.*)"$/m.exec(table)[1]),
  };
}

function tlsFileOf(pid) {
  const [, library] = /(\/\S*libssl\.so\S*)/.exec(readFileSync(`/proc/${pid}/maps`, 'utf8')) ?? [];
  return library ?? readlinkSync(`/proc/${pid}/exe`);
}

/** Starts one and waits until its probes are live. Its output goes to files: reading it here would take CPU from the rest. */
export async function attach({ command, ready }, pid, folder) {
  const [program, ...args] = command(pid);
  const files = ['out', 'err'].map(name => path.join(folder, name));
  const [out, err] = files.map(file => openSync(file, 'w'));
  const child = start(program, args, { stdio: ['ignore', out, err], detached: true });
  for (const fd of [out, err]) closeSync(fd);
  const began = performance.now();
  while (
    !files.some(file =>
      readFileSync(file, 'utf8')
        .split('\n')
        .some(line => ready.test(line)),
    )
  ) {
    if (child.exitCode !== null || performance.now() - began > 20_000)
      throw new Error(`${program} did not get ready: ${readFileSync(files[1], 'utf8').slice(-500)}`);
    await new Promise(resolve => setTimeout(resolve, 20));
  }
  return child;
}

/** Ends it by Ctrl-C; milliseconds until it was gone. */
export async function detach(child) {
  const began = performance.now();
  child.kill('SIGINT');
  await child.ended;
  return performance.now() - began;
}

/** What attach wrote: exchanges, those of them that are whole, and its own word on what was lost. */
export function captured(folder) {
  const lines = readFileSync(path.join(folder, 'out'), 'utf8')
    .split('\n')
    .filter(line => line.startsWith('{'));
  const [, dropped = ''] = /dropped +(.*)/.exec(readFileSync(path.join(folder, 'err'), 'utf8')) ?? [];
  return { exchanges: lines.length, whole: lines.filter(line => line.includes('"partial":[]')).length, dropped };
}
