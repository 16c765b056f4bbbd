import { expect, test } from '@jest/globals';
import { parseMaps } from '../../src/machine/maps.js';

const MAPS = `55d0c0000000-55d0c0001000 r--p 00000000 fe:00 1201                       /usr/bin/python3.11
55d0c0001000-55d0c0200000 r-xp 00001000 fe:00 1201                       /usr/bin/python3.11
7f1000000000-7f1000100000 r-xp 00000000 fe:00 77                         /opt/my app/libssl.so.3 (deleted)
7f1000200000-7f1000300000 r-xp 00100000 fe:00 77                         /opt/my app/libssl.so.3 (deleted)
7f1000400000-7f1000500000 r-xp 00000000 fe:00 78                         /opt/my app/libssl.so.3
7f1000600000-7f1000700000 rwxp 00000000 00:00 0 
7f1000800000-7f1000900000 r-xp 00000000 00:00 0                          [vdso]
7f1000a00000-7f1000b00000 r-xp 00000000 00:2f 9                          /line\\012break.so
`;

test('executable mappings, one entry a file, in address order', () => {
  expect(parseMaps(MAPS)).toEqual([
    {
      path: '/usr/bin/python3.11',
      deleted: false,
      device: 'fe:00',
      inode: 1201,
      ranges: ['55d0c0001000-55d0c0200000'],
    },
    {
      path: '/opt/my app/libssl.so.3',
      deleted: true,
      device: 'fe:00',
      inode: 77,
      ranges: ['7f1000000000-7f1000100000', '7f1000200000-7f1000300000'],
    },
    {
      path: '/opt/my app/libssl.so.3',
      deleted: false,
      device: 'fe:00',
      inode: 78,
      ranges: ['7f1000400000-7f1000500000'],
    },
    { path: '/line\nbreak.so', deleted: false, device: '00:2f', inode: 9, ranges: ['7f1000a00000-7f1000b00000'] },
  ]);
});

test('nothing in, nothing out', () => {
  expect(parseMaps('')).toEqual([]);
  expect(parseMaps('no such line\n\0\0')).toEqual([]);
});
