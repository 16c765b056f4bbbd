/** Which interpreters get a copy of OpenLIT's SDK: those with a library that has no hook of its own. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeEach, expect, test } from '@jest/globals';
import { SDK_LIBRARIES, wantsPythonSdk } from '../../src/setup/python-libraries.js';

const made: string[] = [];
let root: string;
beforeEach(() => {
  root = mkdtempSync(path.join(os.tmpdir(), 'python-libraries-'));
  made.push(root);
});
afterAll(() => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true });
});

/** A Python below `root/name` with these distributions. @returns its interpreter */
function python(name: string, distributions: readonly string[]): string {
  for (const each of distributions) {
    mkdirSync(path.join(root, name, 'lib', 'python3.12', 'site-packages', `${each}.dist-info`), { recursive: true });
  }
  mkdirSync(path.join(root, name, 'bin'), { recursive: true });
  writeFileSync(path.join(root, name, 'bin', 'python'), '');
  return path.join(root, name, 'bin', 'python');
}

function venv(name: string, below: string, system: boolean, distributions: readonly string[]): string {
  const file = python(name, distributions);
  rmSync(file);
  symlinkSync(below, file);
  writeFileSync(path.join(root, name, 'pyvenv.cfg'), `home = /x\ninclude-system-site-packages = ${system}\n`);
  return file;
}

const wants = (file: string, env: NodeJS.ProcessEnv = {}) => wantsPythonSdk(file, env);

test('clients of providers, and frameworks with a hook of their own, do not ask for it', () => {
  expect(
    wants(python('a', ['openai-3.52.0', 'anthropic-2.11.0', 'langchain_core-1.8.3', 'pydantic_ai_slim-2.38.0'])),
  ).toBe(false);
  expect(wants(python('b', ['mcp-1.30.0', 'crewai_tools-1.0']))).toBe(false);
});

test.each(['crewai-1.15.30', 'llama_index_core-0.14.25', 'browser-use-0.9', 'Agno-3.1'])('%s asks for it', name => {
  expect(wants(python('a', ['openai-3.52.0', name]))).toBe(true);
});

test('a venv sees what is below it only where its configuration says so', () => {
  const below = python('below', ['chromadb-1.5.9']);
  expect(wants(venv('alone', below, false, ['openai-3.52.0']))).toBe(false);
  expect(wants(venv('over', below, true, ['openai-3.52.0']))).toBe(true);
});

test('PYTHONPATH counts, and a missing interpreter is no error', () => {
  const library = path.join(
    path.dirname(path.dirname(python('lib', ['agno-3.1.10']))),
    'lib',
    'python3.12',
    'site-packages',
  );
  expect(wants(python('a', []), { PYTHONPATH: `/nowhere:${library}` })).toBe(true);
  expect(wants(path.join(root, 'none', 'bin', 'python'))).toBe(false);
});

test('the list is that of the hook', () => {
  const rows = readFileSync(
    path.resolve(import.meta.dirname, '../../src/bootstrap/python/openlit_bootstrap/libraries.py'),
    'utf8',
  );
  const table = /^SDK = \{([^}]*)\}/m.exec(rows)![1]!;
  const instrumentors = [...table.matchAll(/: "([^"]+)"/g)].map(([, name]) => name!.replaceAll('-', '_'));
  const distributions = new Set(SDK_LIBRARIES.map(each => each.slice(0, each.indexOf('-'))));
  const named: Record<string, string> = {
    llama_index: 'llama_index_core',
    mem0: 'mem0ai',
    chroma: 'chromadb',
    qdrant: 'qdrant_client',
    milvus: 'pymilvus',
    astra: 'astrapy',
  };
  // Three names of one project.
  for (const each of ['autogen', 'pyautogen']) distributions.delete(each);
  expect([...distributions].sort()).toEqual(instrumentors.map(each => named[each] ?? each).sort());
});
