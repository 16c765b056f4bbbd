/**
 * The payload in the engine's own keeping: a volume, which it does not remove while a container uses it. A folder of the machine
 * could be removed from under the container, and a Node whose hook is gone does not start.
 */
import { readStat } from '../../machine/stat.js';
import type { PayloadFile } from '../payload/payload.js';
import type { Engine } from './engine.js';
import { INSIDE } from './environment.js';
import { tarOf } from './tar.js';

/** Says that it was filled to its end. */
const FILLED = 'io.openlit.instrument.payload';
/** Of the container that a volume is filled through: the process that does it. */
const FILLER = 'io.openlit.instrument.filler';

export const volumeName = (payload: string): string => `openlit-instrument-${payload}`;

/**
 * Made and filled where it is not there: through a container that is never started, of an image that is there anyhow.
 * @throws EngineError
 */
export async function ensureVolume(
  engine: Engine,
  payload: string,
  image: string,
  files: readonly PayloadFile[],
): Promise<string> {
  const name = volumeName(payload);
  await removeLeftFillers(engine);
  if ((await engine.get(`/volumes/${name}`)) !== undefined && (await isFilled(engine, name, image, files))) return name;
  await engine.send('POST', '/volumes/create', { Name: name, Labels: { [FILLED]: payload } });
  await throughContainer(engine, name, image, async id => {
    await engine.send('PUT', `/containers/${id}/archive?path=${encodeURIComponent(INSIDE.payload)}`, tarOf(files));
  });
  return name;
}

/** The last file of the archive, whole: what was cut off by a kill is filled again. */
async function isFilled(engine: Engine, name: string, image: string, files: readonly PayloadFile[]): Promise<boolean> {
  const last = files.at(-1)!;
  return await throughContainer(engine, name, image, async id => {
    try {
      const path = encodeURIComponent(`${INSIDE.payload}/${last.name}`);
      return (await engine.archive(`/containers/${id}/archive?path=${path}`)).includes(last.content);
    } catch {
      return false;
    }
  });
}

async function throughContainer<T>(
  engine: Engine,
  volume: string,
  image: string,
  use: (id: string) => Promise<T>,
): Promise<T> {
  const body = {
    Image: image,
    Entrypoint: ['/never-started'],
    Cmd: [],
    NetworkDisabled: true,
    Labels: { [FILLER]: ownProcess() },
    HostConfig: { Binds: [`${volume}:${INSIDE.payload}`], NetworkMode: 'none' },
  };
  const { Id } = JSON.parse((await engine.send('POST', '/containers/create', body)).body.toString()) as { Id: string };
  try {
    return await use(Id);
  } finally {
    await engine.send('DELETE', `/containers/${Id}?force=true`);
  }
}

/** Those of a process that was killed; one that runs still needs its own. */
async function removeLeftFillers(engine: Engine): Promise<void> {
  const filters = encodeURIComponent(JSON.stringify({ label: [FILLER] }));
  const found = await engine.get<{ Id: string; Labels: Record<string, string> }[]>(
    `/containers/json?all=true&filters=${filters}`,
  );
  for (const { Id, Labels } of found ?? []) {
    const [pid = '', start] = (Labels[FILLER] ?? '').split(' ');
    if (readStat(Number(pid))?.startTime !== start) await engine.send('DELETE', `/containers/${Id}?force=true`);
  }
}

const ownProcess = (): string => `${process.pid} ${readStat('self')?.startTime ?? ''}`;

/** With the last container that used it; the engine refuses where there is still one. */
export async function removeUnusedVolumes(engine: Engine): Promise<void> {
  const filters = encodeURIComponent(JSON.stringify({ label: [FILLED] }));
  const found = await engine.get<{ Volumes: { Name: string }[] | null }>(`/volumes?filters=${filters}`);
  for (const { Name } of found?.Volumes ?? []) {
    try {
      await engine.send('DELETE', `/volumes/${Name}`);
    } catch {
      // Another container uses it.
    }
  }
}
