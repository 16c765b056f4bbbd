/** What Node changed at its start, worked out from /proc: the texts below were taken from real processes. */
import { describe, expect, test } from '@jest/globals';
import type { Descriptor } from '../../../src/machine/descriptors.js';
import {
  ignoredSignals,
  inheritedDescriptors,
  signalsToIgnore,
  softLimitToRestore,
} from '../../../src/machine/exec/process-state.js';
import { splitNul } from '../../../src/machine/proc.js';

const d = (number: number, target: string, flags: number): Descriptor => ({ number, target, flags });

/** Node 20 that was started with 3 and 5 open (`3<file 5<>/dev/null`), then its own, then 20 and 251 beyond libuv's reach. */
const NODE_20 = [
  d(0, '/dev/null', 0o2100000),
  d(1, '/o', 0o2100001),
  d(2, '/e', 0o2100001),
  d(3, '/etc/passwd', 0o2100000),
  d(4, 'anon_inode:[eventpoll]', 0o2000002),
  d(5, '/dev/null', 0o2100002),
  d(6, 'pipe:[1]', 0o2000000),
  d(7, 'pipe:[1]', 0o2000001),
  d(8, 'pipe:[2]', 0o2004000),
  d(9, 'pipe:[2]', 0o2004001),
  d(10, '/dev/null', 0o2100000),
  d(11, 'anon_inode:[eventfd]', 0o2004002),
  d(20, '/etc/passwd', 0o100000),
  d(251, 'pipe:[3]', 0o1),
];

describe('inherited descriptors', () => {
  test('those that Node marked, and none of its own', () => {
    expect(inheritedDescriptors(NODE_20)).toEqual([3, 5]);
  });

  test('both ends of a pipe below the first epoll were inherited (the job server of make)', () => {
    const all = [d(3, 'pipe:[9]', 0o2000000), d(4, 'pipe:[9]', 0o2000001), d(5, 'anon_inode:[eventpoll]', 0o2000002)];
    expect(inheritedDescriptors(all)).toEqual([3, 4]);
  });

  test('one end of a pipe, a socket or a file above it as well', () => {
    const all = [
      d(3, 'anon_inode:[eventpoll]', 0o2000002),
      d(7, 'pipe:[9]', 0o2000001),
      d(8, 'socket:[8]', 0o2000002),
      d(9, '/lock', 0o2100001),
      d(10, 'anon_inode:[io_uring]', 0o2000002),
    ];
    expect(inheritedDescriptors(all)).toEqual([7, 8, 9]);
  });

  /** As Node 20 looks with `--inspect --require hook.cjs`: its inspector's socket, then what the hook opened. */
  const DISTURBED = [
    ...NODE_20,
    d(12, 'socket:[77]', 0o2004002),
    d(13, '/var/log/hook', 0o2102001),
    d(15, 'socket:[78]', 0o2000002),
  ];

  test("an inspector's socket and what a preload opened are not the program's", () => {
    const opened = { targets: new Set(['socket:[77]']), preloads: true };
    expect(inheritedDescriptors(DISTURBED, opened)).toEqual([3, 5, 15]);
  });

  test('without preloads, everything that Node did not open was there before', () => {
    expect(inheritedDescriptors(DISTURBED)).toEqual([3, 5, 12, 13, 15]);
  });

  test('nothing known: nothing is touched', () => {
    expect(inheritedDescriptors([], { preloads: true })).toEqual([]);
    expect(inheritedDescriptors([])).toEqual([]);
  });
});

describe('the limit of open files', () => {
  const limits = (soft: string, hard: string) =>
    `Limit    Soft Limit   Hard Limit  Units\nMax open files            ${soft}      ${hard}   files     \n`;
  test.each<[string, string | undefined, number | undefined]>([
    [limits('20000', '20000'), limits('1024', '20000'), 1024],
    [limits('1048576', 'unlimited'), limits('1024', 'unlimited'), 1024],
    [limits('20000', '20000'), limits('20000', '20000'), undefined],
    [limits('500', '500'), limits('1024', '20000'), undefined],
    [limits('20000', '20000'), undefined, undefined],
    ['', limits('1024', '20000'), undefined],
  ])('%#', (own, parent, expected) => {
    expect(softLimitToRestore(own, parent)).toBe(expected);
  });
});

describe('signals', () => {
  const status = (mask: string) => `Name:\tsh\nSigBlk:\t0000000000000000\nSigIgn:\t${mask}\n`;
  const evidence = {
    parentStatus: status('0000000000000000'),
    parentPid: 77,
    stdin: d(0, '/dev/pts/1', 0o2),
    stdoutTarget: '/dev/pts/1',
    invocationId: undefined,
  };

  test('the mask of /proc', () => {
    expect([...ignoredSignals(status('0000000001001001'))]).toEqual([1, 13, 25]);
    expect([...ignoredSignals('')]).toEqual([]);
  });

  test('nothing special: nothing is ignored', () => {
    expect(signalsToIgnore(evidence)).toEqual([]);
  });

  test('nohup leaves a trace: stdin opened write-only, or nohup.out', () => {
    expect(signalsToIgnore({ ...evidence, stdin: d(0, '/dev/null', 0o2100001) })).toEqual([1]);
    expect(signalsToIgnore({ ...evidence, stdoutTarget: '/home/x/nohup.out' })).toEqual([1]);
    expect(signalsToIgnore({ ...evidence, stdin: d(0, '/dev/null', 0o2100000) })).toEqual([]);
  });

  test('a parent under nohup', () => {
    expect(signalsToIgnore({ ...evidence, parentStatus: status('0000000000000001') })).toEqual([1]);
  });

  test('a service of systemd has SIGPIPE ignored; a child of a program that ignores it for itself has not', () => {
    const parentStatus = status('0000000000001000');
    expect(signalsToIgnore({ ...evidence, parentStatus, parentPid: 1, invocationId: 'x' })).toEqual([13]);
    expect(signalsToIgnore({ ...evidence, parentStatus })).toEqual([]);
  });
});

test('words with their bytes', () => {
  expect(splitNul(Buffer.from('a\0\0b c\0')).map(String)).toEqual(['a', '', 'b c']);
  expect(splitNul(Buffer.from([0xff, 0xfe, 0]))).toEqual([Buffer.from([0xff, 0xfe])]);
  expect(splitNul(Buffer.alloc(0))).toEqual([]);
});
