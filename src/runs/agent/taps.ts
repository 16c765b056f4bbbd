/**
 * The agent as the observer of hooks: programs that it has put a hook into connect here. Everybody on this machine may
 * connect, as to a system log: what comes is a report, never a request. The folder is mounted into containers, so nothing
 * else lies in it.
 */
import { chmodSync } from 'node:fs';
import path from 'node:path';
import type { Pipeline } from '../../calls/pipeline.js';
import type { Target, TargetSettings } from '../../calls/recorded-call.js';
import { makeFolders } from '../../config/make-folders.js';
import { VARIABLES } from '../../config/variables.js';
import { readFacts } from '../../machine/facts.js';
import type { ProcessIdentity } from '../../machine/identity.js';
import { pidInside } from '../../machine/namespaces.js';
import { listPids } from '../../machine/proc.js';
import type { TapHello } from '../../wire/transport/tap-connection.js';
import { listenAt } from '../observer/listen.js';
import { createTapServer } from '../observer/tap-server.js';
import { targetOfTap } from '../observer/target-of.js';
import type { Sightings } from './sightings.js';
import { nameOfWorkload } from './workload-name.js';

export interface TapsOptions {
  readonly socket: string;
  readonly pipeline: Pipeline;
  readonly settings: TargetSettings;
  readonly version: string;
  readonly sightings: Pick<Sightings, 'keyOf' | 'resourceOf'>;
  readonly note: (line: string) => void;
}

export interface Taps {
  readonly connected: number;
  /** Exchanges that hooks had to drop. */
  readonly lost: number;
  close(): void;
}

/** @throws NodeJS.ErrnoException where it cannot listen */
export async function openTaps({ socket, pipeline, settings, version, sightings, note }: TapsOptions): Promise<Taps> {
  makeFolders(path.dirname(socket), 0o755);
  const named = { resourceAttributes: {} };
  const server = createTapServer({
    pipeline,
    targetOf: hello => targetOf(hello),
    notice: note,
  });
  const removeName = await listenAt(server, socket);
  chmodSync(socket, 0o666);
  return {
    get connected() {
      return server.taps;
    },
    get lost() {
      return server.lost.exchanges;
    },
    close() {
      removeName();
      server.close();
    },
  };

  function targetOf(hello: TapHello): Target {
    const identity = identityOf(hello);
    const own = identity && (hello.workload ?? sightings.keyOf(identity.pid));
    if (identity && own !== undefined)
      return { resource: sightings.resourceOf(identity, own), settings, pid: identity.pid, process: identity.name };
    const target = targetOfTap({ env: {}, named, settings, version }, {})(hello);
    const { workload } = hello;
    if (workload === undefined) return target;
    // It has ended since, or its environment may not be read: the rest is what it says itself.
    const { attributes } = target.resource;
    const unnamed = String(attributes['service.name']).startsWith('unknown_service');
    return {
      ...target,
      resource: {
        attributes: {
          ...attributes,
          'service.workload.key': workload,
          ...(unnamed && { 'service.name': nameOfWorkload(workload) ?? workload }),
        },
      },
    };
  }
}

/** The process of this machine that the hook is in; undefined where its number is another one's here, who has no hook. */
function identityOf({ pid, executable, workload }: TapHello): ProcessIdentity | undefined {
  if (pid === undefined) return undefined;
  if (workload !== undefined) return findInside(pid, workload);
  const facts = readFacts(pid);
  if (!facts?.environment?.has(VARIABLES.tap) && facts?.executable !== executable) return undefined;
  return facts && { pid: facts.pid, name: facts.name, startTime: facts.startTime };
}

/** In a container it knows itself by another number. Its own environment has to say the same, so nobody speaks for another. */
function findInside(inside: number, workload: string): ProcessIdentity | undefined {
  for (const pid of listPids()) {
    if (pidInside(pid) !== inside) continue;
    const facts = readFacts(pid);
    if (facts && workloadOf(facts.environment?.get(VARIABLES.tap)) === workload)
      return { pid, name: facts.name, startTime: facts.startTime };
  }
  return undefined;
}

function workloadOf(tap: string | undefined): unknown {
  try {
    return (JSON.parse(tap ?? '') as { workload?: unknown }).workload;
  } catch {
    return undefined;
  }
}
