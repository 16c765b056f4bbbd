/** Runtime detection on real files: names, links, shebangs, shims, wrappers. Nothing is started. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { which } from '../../src/machine/exec/which.js';
import { detect } from '../../src/plan/detect.js';

let folder: string;
const at = (...parts: string[]) => path.join(folder, ...parts);

function put(name: string, text: string | Buffer, mode = 0o755): string {
  mkdirSync(path.dirname(at(name)), { recursive: true });
  writeFileSync(at(name), text);
  chmodSync(at(name), mode);
  return at(name);
}

const ELF = Buffer.concat([Buffer.from('\x7fELF'), Buffer.alloc(60)]);

beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'detect-'));
  for (const name of ['python3', 'python3.13t', 'node', 'bun', 'deno', 'ffmpeg', 'uv', 'npm-elf'])
    put(`bin/${name}`, ELF);
  symlinkSync(at('bin/python3'), at('bin/app-link'));
  symlinkSync(at('bin/node'), at('bin/nodejs'));
  put('venv/bin/python', ELF);
  put('bin/uvicorn', `#!${at('venv/bin/python')}\nimport sys\n`);
  put('bin/gunicorn', `#!${at('venv/bin/python')} -I\n`);
  put('bin/celery', `#!/bin/sh\n'''exec' ${at('venv/bin/python')} "$0" "$@"\n' '''\n`);
  put('bin/flask', '#!/usr/bin/env python3\n');
  put('bin/tsx', '#!/usr/bin/env node\n');
  put('bin/npm', '#!/usr/bin/env node\n');
  put('bin/script.sh', '#!/bin/sh\nexec python app.py\n');
  put('bin/uvscript', '#!/usr/bin/env -S uv run --script\n');
  put('bin/double', `#!${at('bin/flask')} -x\n`);
  put('bin/loop', `#!${at('bin/loop')}\n`);
  put('bin/badbang', '#!/no/such/python3\n');
  put('bin/nobang', 'echo hello\n');
  put('bin/binary', Buffer.from([1, 2, 0, 4]));
  put('bin/empty', '');
  put('pyenv/shims/python', '#!/usr/bin/env bash\nexec pyenv exec\n');
  put('pyenv/shims/uvicorn', '#!/usr/bin/env bash\nset -e\nexport PYENV_ROOT\nexec "/x/pyenv" exec "$program" "$@"\n');
  put('pyenv/versions/3.11.7/bin/python', ELF);
  put('pyenv/versions/3.11.7/bin/python3', ELF);
  put('pyenv/versions/3.11.12/bin/python3', ELF);
  put('pyenv/version', '3.11.7\n', 0o644);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function found(argv: string[], extra: NodeJS.ProcessEnv = {}) {
  const PATH = `${at('bin')}:/usr/bin:/bin`;
  const file = which(argv[0]!, PATH);
  if (!file.ok) throw new Error(file.reason);
  return detect(argv, file.path, { PATH, ...extra });
}

describe('the program itself', () => {
  test.each<[string, string[]]>([
    ['python3', ['python']],
    ['python3.13t', ['python']],
    ['app-link', ['python']],
    ['node', ['node']],
    ['nodejs', ['node']],
    ['bun', ['bun']],
    ['deno', ['deno']],
    ['uvicorn', ['python']],
    ['gunicorn', ['python']],
    ['celery', ['python']],
    ['flask', ['python']],
    ['tsx', ['node']],
    ['double', ['python']],
    ['badbang', ['python']],
    ['ffmpeg', []],
    ['binary', []],
    ['empty', []],
    ['loop', []],
  ])('%s -> %j', (name, runtimes) => {
    expect(found([name, 'x'])).toMatchObject({ runtimes, wrapper: false });
  });

  test('the words that the interpreter itself gets', () => {
    expect(found(['python3', '-I', 'app.py']).runtimeFlags).toEqual(['-I', 'app.py']);
    expect(found(['gunicorn', '--preload']).runtimeFlags).toEqual(['-I', at('bin/gunicorn'), '--preload']);
  });

  test('the interpreter behind a console script', () => {
    expect(found(['uvicorn']).python).toBe(at('venv/bin/python'));
    expect(found(['celery']).python).toBe(at('venv/bin/python'));
    expect(found(['flask']).python).toBe(at('bin/python3'));
  });

  test('every step is told', () => {
    expect(found(['flask']).why).toEqual([
      `${at('bin/flask')} begins with #!/usr/bin/env python3`,
      `${at('bin/python3')} is a Python interpreter`,
    ]);
  });
});

describe('programs that start others', () => {
  test.each(['npm', 'uv', 'sh', 'env', 'script.sh', 'uvscript', 'nobang', 'timeout'])('%s may start either', name => {
    expect(found([name, 'x'])).toMatchObject({ runtimes: ['python', 'node'], wrapper: true });
  });

  test('the Python of a project tool is the active venv, when there is one', () => {
    expect(found(['uv', 'run', 'x'], { VIRTUAL_ENV: at('venv') }).python).toBe(at('venv/bin/python'));
  });

  test('env -i empties the environment: said', () => {
    expect(found(['env', '-i', 'python3']).caveats.join()).toContain('empties the environment');
    expect(found(['env', 'A=1', 'python3', '-i']).caveats).toEqual([]);
  });
});

describe('pyenv', () => {
  const env = () => ({ PYENV_ROOT: at('pyenv'), PYENV_VERSION: '' });
  test('a shim is followed to the interpreter without starting pyenv', () => {
    expect(detect(['python', 'x'], at('pyenv/shims/python'), { ...env(), PYENV_VERSION: '3.11.7' })).toMatchObject({
      runtimes: ['python'],
      python: at('pyenv/versions/3.11.7/bin/python'),
    });
  });

  test('a short version stands for the newest patch', () => {
    expect(detect(['python'], at('pyenv/shims/python'), { ...env(), PYENV_VERSION: '3.11' }).python).toBe(
      at('pyenv/versions/3.11.12/bin/python3'),
    );
  });

  test('the shim of a console script', () => {
    expect(detect(['uvicorn'], at('pyenv/shims/uvicorn'), { ...env(), PYENV_VERSION: '3.11.7' })).toMatchObject({
      runtimes: ['python'],
      python: at('pyenv/versions/3.11.7/bin/python3'),
    });
  });
});
