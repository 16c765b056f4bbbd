import { expect, test } from '@jest/globals';
import { parseShebang } from '../../../src/machine/exec/shebang.js';

test.each<[string, string, boolean, string[]]>([
  ['#!/usr/bin/python3\n', '/usr/bin/python3', false, []],
  ['#! /usr/bin/python3 -I -u \nx', '/usr/bin/python3', false, ['-I -u']],
  ['#!/venv/bin/python', '/venv/bin/python', false, []],
  ['#!/usr/bin/env python3\n', 'python3', true, []],
  ['#!/usr/bin/env -S python3 -I -u\n', 'python3', true, ['-I', '-u']],
  ['#!/usr/bin/env -S A=1 B="x y" node --title="a b"\n', 'node', true, ['--title=a b']],
  ['#!/usr/bin/env -S uv run --script\n', 'uv', true, ['run', '--script']],
  ["#!/bin/sh\n'''exec' /a/very/long/python3.11 \"$0\" \"$@\"\n' '''\n", '/a/very/long/python3.11', false, []],
  ['#!/bin/sh\n\'\'\'exec\' "/with space/python" -E "$0" "$@"\n', '/with space/python', false, ['-E']],
  ['#!/bin/sh\nexec python x\n', '/bin/sh', false, []],
  ['#!/bin/bash -e\n', '/bin/bash', false, ['-e']],
])('%j', (head, interpreter, throughEnv, args) => {
  expect(parseShebang(Buffer.from(head))).toEqual({ interpreter, throughEnv, args });
});

test.each(['', '#', '#!', '#!\n/bin/sh', '#!/usr/bin/env', '#!/usr/bin/env -S', '\x7fELF', '// x'])(
  '%j is none',
  head => {
    expect(parseShebang(Buffer.from(head))).toBeUndefined();
  },
);
