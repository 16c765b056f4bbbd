import { expect, test } from '@jest/globals';
import { pipInstaller, uvInstaller } from '../../src/setup/python-installers.js';

const request = { python: '/venv/bin/python', lock: '/locks/python-3.10.txt', target: '/cache/new' };

test('hashes are required and nothing is resolved', () => {
  const { command, args } = pipInstaller(request, ['-m', 'pip'], 'pip');
  expect(command).toBe('/venv/bin/python');
  expect(args.slice(0, 3)).toEqual(['-m', 'pip', 'install']);
  expect(args).toEqual(expect.arrayContaining(['--no-deps', '--require-hashes', '--target', '/cache/new']));
});

test('offline, nothing is fetched', () => {
  const { args } = pipInstaller({ ...request, offline: '/wheels' }, ['-m', 'pip'], 'pip');
  expect(args).toEqual(expect.arrayContaining(['--no-index', '--find-links', '/wheels']));
});

test('uv only where it is there', () => {
  expect(uvInstaller(request, { PATH: '/nowhere' })).toBeUndefined();
});
