/**
 * One container in the place of another. The old one is never removed before the new one is well, and its name says what it
 * is while both are there, so that whoever comes after a kill can go back.
 */
import type { DeedResult } from '../target.js';
import { differences } from './compare.js';
import type { Engine } from './engine.js';
import { type Container, type Image, nameOf } from './inspect.js';
import { copyOwnFiles, findOwnFiles, ownFilesRefusal } from './own-files.js';
import { recreation, type Wanted } from './recreate.js';
import { watch } from './watch.js';

export const besides = (name: string) => ({ old: `${name}.openlit-before`, fresh: `${name}.openlit-new` });

export const inspect = (engine: Engine, name: string): Promise<Container | undefined> =>
  engine.get<Container>(`/containers/${encodeURIComponent(name)}/json`);

const failed = (reason: string, restarted = false): DeedResult => ({
  outcome: 'failed',
  restarted,
  permanent: true,
  reason,
});

/** @param settle milliseconds that the new one has to be well */
export async function swap(engine: Engine, container: Container, wanted: Wanted, settle: number): Promise<DeedResult> {
  const name = nameOf(container);
  const image = await engine.get<Image>(`/images/${container.Image}/json`);
  if (image === undefined) return failed(`its image ${container.Image.slice(0, 19)} is gone; pull it again`);
  const refusal = ownFilesRefusal(await findOwnFiles(engine, container));
  if (refusal !== undefined) return failed(refusal);
  const { old, fresh } = besides(name);
  let id: string;
  try {
    id = await make(engine, container, image, fresh, wanted);
  } catch (error) {
    return failed((error as Error).message);
  }
  const different = differences(container, (await inspect(engine, id))!);
  if (different.length > 0) {
    await remove(engine, id);
    return failed(`${engine.kind} would not make the same container again: ${different.join(', ')} would differ`);
  }
  const runs = container.State.Running;
  try {
    // The names first: from the stop on, they tell whoever comes after a kill that the old one has to run again.
    await engine.send('POST', `/containers/${container.Id}/rename?name=${old}`);
    await engine.send('POST', `/containers/${id}/rename?name=${encodeURIComponent(name)}`);
    if (runs) await engine.send('POST', `/containers/${container.Id}/stop`);
    await copyOwnFiles(engine, container.Id, id, await findOwnFiles(engine, container));
    if (runs) await engine.send('POST', `/containers/${id}/start`);
  } catch (error) {
    return await goBack(engine, container, id, (error as Error).message);
  }
  const bad = runs ? await watch(engine, id, settle) : undefined;
  if (bad !== undefined) return await goBack(engine, container, id, bad);
  await engine.send('DELETE', `/containers/${container.Id}`);
  return { outcome: 'done', restarted: runs, incarnation: id };
}

async function make(engine: Engine, container: Container, image: Image, name: string, wanted: Wanted): Promise<string> {
  const typed = await engine.get<Image>(`/images/${encodeURIComponent(container.Config.Image)}/json`);
  const reference = typed?.Id === image.Id ? container.Config.Image : container.Image;
  const { body, networks } = recreation(container, image, reference, wanted);
  const answer = await engine.send('POST', `/containers/create?name=${encodeURIComponent(name)}`, body);
  const { Id } = JSON.parse(answer.body.toString()) as { Id: string };
  try {
    for (const [network, endpoint] of networks)
      await engine.send('POST', `/networks/${encodeURIComponent(network)}/connect`, {
        Container: Id,
        EndpointConfig: endpoint,
      });
  } catch (error) {
    await remove(engine, Id);
    throw error;
  }
  return Id;
}

/** Its volumes stay. */
async function remove(engine: Engine, id: string): Promise<void> {
  await engine.send('DELETE', `/containers/${id}?force=true`);
}

/** The old one, under its name, running if it ran. */
async function goBack(engine: Engine, container: Container, fresh: string, reason: string): Promise<DeedResult> {
  try {
    await remove(engine, fresh);
    await takeName(engine, container);
    if (container.State.Running) await engine.send('POST', `/containers/${container.Id}/start`);
    return failed(`with the change: ${reason}; the container of before runs again`, container.State.Running);
  } catch (error) {
    const words = `${reason}; and going back failed: ${(error as Error).message}`;
    return { outcome: 'half-done', restarted: true, reason: words };
  }
}

async function takeName(engine: Engine, container: Container): Promise<void> {
  const now = await inspect(engine, container.Id);
  if (now !== undefined && nameOf(now) === nameOf(container)) return;
  await engine.send('POST', `/containers/${container.Id}/rename?name=${encodeURIComponent(nameOf(container))}`);
}

/** What a kill left behind. */
export interface Leftovers {
  readonly old: Container | undefined;
  readonly fresh: Container | undefined;
}

export async function leftovers(engine: Engine, name: string): Promise<Leftovers> {
  const { old, fresh } = besides(name);
  const [before, made] = await Promise.all([inspect(engine, old), inspect(engine, fresh)]);
  return { old: before, fresh: made };
}

/** Back to the container of before, running if it ran. @returns whether it had to be started. @throws EngineError */
export async function clearLeftovers(engine: Engine, name: string, { old, fresh }: Leftovers): Promise<boolean> {
  if (fresh !== undefined) await remove(engine, fresh.Id);
  if (old === undefined) return false;
  const taken = await inspect(engine, name);
  const begun = Date.parse((fresh ?? taken)?.Created ?? '');
  if (taken !== undefined) await remove(engine, taken.Id);
  await engine.send('POST', `/containers/${old.Id}/rename?name=${encodeURIComponent(name)}`);
  // One that had ended before the other one was made is left as it was.
  const { Running, FinishedAt = '' } = old.State;
  if (Running || Date.parse(FinishedAt) < begun) return false;
  await engine.send('POST', `/containers/${old.Id}/start`);
  return true;
}
