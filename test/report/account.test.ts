import { expect, test } from '@jest/globals';
import { type Account, accountLines, bytesText } from '../../src/report/account.js';
import { createPalette } from '../../src/report/palette.js';

const plain = createPalette(false);
const account: Account = {
  elapsed: 12.3,
  files: [
    {
      process: 'python3.11',
      pids: [41, 42, 43],
      processes: 5,
      library: 'OpenSSL',
      file: '/usr/lib/x86_64-linux-gnu/libssl.so.3',
      probes: [
        { name: 'SSL_write', offset: 0x35f40 },
        { name: 'SSL_read', offset: 0x35a10 },
      ],
    },
  ],
  records: 120,
  bytes: 81_234,
  exchanges: 8,
  calls: { all: 5, partial: 1 },
  lost: { ringRecords: 0, ringBytes: 0, faultBytes: 0, limitBytes: 0, mapFull: 0 },
  sent: { traces: { exported: 5, dropped: 0, queued: 0 } },
  cpu: 0.314,
  memory: 88_100_000,
};

test('everything, on lines that fit', () => {
  expect(accountLines(account, plain)).toEqual([
    'openlit-instrument: account of 12.3s',
    '  attached  python3.11 (pid 41, 42, 43 and 2 more): OpenSSL in /usr/lib/x86_64-linux-gnu/libssl.so.3',
    '  probes    SSL_write 0x35f40, SSL_read 0x35a10',
    '  seen      120 records, 81.2 kB, 8 exchanges, 5 calls (1 partial)',
    '  dropped   nothing',
    '  exported  5 traces',
    '  our cost  0.31 s of CPU, 88.1 MB of memory',
  ]);
  for (const line of accountLines(account, plain, 60)) expect(line.length).toBeLessThanOrEqual(60);
});

test.each([
  [{ brief: 0, processes: 0 }, 'nothing'],
  [{ brief: 1, processes: 0 }, '1 child that ended before we looked (calls unknown)'],
  [
    { brief: 2, processes: 3 },
    'some calls of 3 processes (not observed all the time), 2 children that ended before we looked (calls unknown)',
  ],
])('nothing was dropped only when nothing was: %j', (missed, text) => {
  expect(accountLines({ ...account, missed }, plain)).toContain(`  dropped   ${text}`);
});

test('what was lost is told apart, and what was not asked is left out', () => {
  const { sent: _sent, calls: _calls, ...rest } = account;
  const lines = accountLines(
    { ...rest, files: [], lost: { ringRecords: 1, ringBytes: 4096, faultBytes: 7, limitBytes: 2e6, mapFull: 1 } },
    plain,
  );
  expect(lines).toContain('  attached  nothing');
  expect(lines).toContain('  seen      120 records, 81.2 kB, 8 exchanges');
  expect(lines).toContain(
    '  dropped   1 record with 4.1 kB (ring full), 7 B (unreadable memory), 2.0 MB (TLS calls over 16 MiB), 1 entry (kernel tables full)',
  );
  expect(lines.join()).not.toContain('exported');
});

test('sizes', () => {
  expect([0, 999, 1000, 999_960, 88_100_000, 2e9].map(bytesText)).toEqual([
    '0 B',
    '999 B',
    '1.0 kB',
    '1.0 MB',
    '88.1 MB',
    '2.0 GB',
  ]);
});
