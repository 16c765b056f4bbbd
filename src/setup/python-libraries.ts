/**
 * Whether an interpreter has a library for which OpenLIT's SDK is needed, told from the names in its `site-packages`; the
 * interpreter is not started. A miss costs little: the program's hook says what to type.
 */
import { readdirSync, readFileSync, realpathSync } from 'node:fs';
import path from 'node:path';

/** Beginnings of `.dist-info` names. Same libraries as the table SDK in openlit_bootstrap/libraries.py. */
export const SDK_LIBRARIES = [
  'crewai-',
  'llama_index_core-',
  'mem0ai-',
  'agno-',
  'smolagents-',
  'dynamiq-',
  'ag2-',
  'autogen-',
  'pyautogen-',
  'controlflow-',
  'browser_use-',
  'claude_agent_sdk-',
  'chromadb-',
  'pinecone-',
  'qdrant_client-',
  'pymilvus-',
  'astrapy-',
  'transformers-',
  'gpt4all-',
  'vllm-',
] as const;

/** @param python path of the interpreter, as it is started: a venv's link is no other Python's file */
export function wantsPythonSdk(python: string, env: NodeJS.ProcessEnv = process.env): boolean {
  return sitePackages(python, env).some(folder =>
    entries(folder).some(
      name => name.endsWith('.dist-info') && SDK_LIBRARIES.some(each => distribution(name).startsWith(each)),
    ),
  );
}

/** Old installers wrote `browser-use-1.0` and `Dynamiq-1.0`. */
function distribution(name: string): string {
  const [, project = '', version = ''] = /^(.+?)-(\d.*)$/.exec(name) ?? [];
  return `${project.toLowerCase().replace(/[-_.]+/g, '_')}-${version}`;
}

function sitePackages(python: string, env: NodeJS.ProcessEnv): string[] {
  const prefixes = new Set([prefixOf(python)]);
  // A venv sees the packages of the Python below it, and the user's, only where its configuration says so.
  if (
    /^include-system-site-packages\s*=\s*true/im.test(pyvenv(prefixOf(python)) ?? 'include-system-site-packages = true')
  ) {
    prefixes.add(prefixOf(realPath(python))).add('/usr/local');
    if (env['HOME']) prefixes.add(path.join(env['HOME'], '.local'));
  }
  const folders = [...prefixes].flatMap(prefix =>
    ['lib', 'lib64'].flatMap(library =>
      entries(path.join(prefix, library))
        .filter(name => name.startsWith('python3'))
        .flatMap(name => [
          path.join(prefix, library, name, 'site-packages'),
          path.join(prefix, library, name, 'dist-packages'),
        ]),
    ),
  );
  return [...folders, ...(env['PYTHONPATH'] ?? '').split(':').filter(Boolean)];
}

/** `/venv` for `/venv/bin/python`. */
function prefixOf(python: string): string {
  return path.dirname(path.dirname(python));
}

function pyvenv(prefix: string): string | undefined {
  try {
    return readFileSync(path.join(prefix, 'pyvenv.cfg'), 'utf8');
  } catch {
    return undefined;
  }
}

function realPath(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return file;
  }
}

function entries(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
