/** Who holds shared probes, and when they go. */
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { shareProbes } from '../../src/attach/shared-probes.js';
import type { FilePlan } from '../../src/attach/sources/plan.js';

const place = {
  name: 'SSL_write',
  action: 'write',
  fileOffset: 64,
  address: 64,
  returns: true,
  bytes: '55',
  emulated: true,
} as const;
const file = (key: string, version = '1', convention?: 'go' | 'notice'): FilePlan => ({
  file: key,
  attachPath: key,
  key,
  version,
  library: 'OpenSSL',
  placement: { places: [convention ? { ...place, convention } : place], notes: [] },
});
/** What is set and what was taken off, in words. */
const sharing = () => {
  const log: string[] = [];
  const probes = shareProbes((number, { key, version }) => {
    log.push(`set ${number} ${key} ${version}`);
    return { shared: true, close: async () => void log.push(`off ${number}`) };
  });
  return { log, probes };
};

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

test('one set for all who hold a file, gone a while after the last', async () => {
  const { log, probes } = sharing();
  const [one, two] = [probes.hold(file('libssl')), probes.hold(file('libssl'))];
  expect(log).toEqual(['set 1 libssl 1']);
  await one!.close();
  await one!.close(); // counts once
  jest.advanceTimersByTime(60_000);
  expect(log).toHaveLength(1);
  await two!.close();
  expect(log).toHaveLength(1);
  jest.advanceTimersByTime(60_000);
  expect(log).toEqual(['set 1 libssl 1', 'off 1']);
});

test('a grandchild finds them still there', async () => {
  const { log, probes } = sharing();
  await probes.hold(file('libssl'))!.close();
  jest.advanceTimersByTime(500);
  probes.hold(file('libssl'));
  jest.advanceTimersByTime(60_000);
  expect(log).toEqual(['set 1 libssl 1']);
  await probes.close();
  expect(log).toEqual(['set 1 libssl 1', 'off 1']);
});

test('a file that was written over is another one', () => {
  const { log, probes } = sharing();
  probes.hold(file('libssl'));
  probes.hold(file('libssl', '2'));
  expect(log).toEqual(['set 1 libssl 1', 'set 2 libssl 2']);
});

test('what others call too often is given up: no more of it, and the old ones go with their last holder', async () => {
  const { log, probes } = sharing();
  const held = probes.hold(file('libssl'));
  expect(probes.giveUp(1)).toBe('libssl');
  expect(probes.giveUp(1)).toBeUndefined();
  expect(probes.hold(file('libssl'))).toBeUndefined();
  expect(log).toEqual(['set 1 libssl 1']);
  await held!.close();
  expect(log).toEqual(['set 1 libssl 1', 'off 1']);

  await probes.hold(file('libgnutls'))!.close();
  expect(probes.giveUp(1)).toBe('libgnutls'); // nobody is left to take them off
  expect(log).toEqual(['set 1 libssl 1', 'off 1', 'set 1 libgnutls 1', 'off 1']);
});

test("Go's places, the loader's notice and more files than there are numbers stay with their process", () => {
  const { log, probes } = sharing();
  expect(probes.hold(file('go', '1', 'go'))).toBeUndefined();
  expect(probes.hold(file('ld.so', '1', 'notice'))).toBeUndefined();
  const held = Array.from({ length: 70 }, (_, i) => probes.hold(file(`lib${i}`)));
  expect(held.filter(each => each !== undefined)).toHaveLength(63);
  expect(log.at(-1)).toBe('set 63 lib62 1');
  expect(shareProbes(undefined).hold(file('libssl'))).toBeUndefined();
});
