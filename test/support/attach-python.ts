/** Python programs of a few lines whose children, libraries and ends `attach` must follow. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from '@jest/globals';
import type { Lines } from '../attach/attached.js';
import { type AttachBench, exchangesOf, pathsOf } from './attach-bench.js';

/** A Python program with `ready`, `ask` and `done`; `ask` opens a connection of its own. */
export const pythonFor =
  (bench: AttachBench) =>
  (name: string, source: string): Lines => {
    const file = path.join(bench.folder, `${name}.py`);
    writeFileSync(
      file,
      `import json, os, subprocess, sys, threading, time
def ready():
    print(json.dumps({'ready': os.getpid()}), flush=True)
    sys.stdin.readline()
def ask(path):
    import http.client, ssl
    c = http.client.HTTPSConnection('127.0.0.1', ${bench.server.port}, context=ssl._create_unverified_context())
    c.request('GET', f'/{path}?size=10')
    c.getresponse().read()
    c.close()
def done():
    print('done', flush=True)
    sys.stdin.readline()
${source}`,
    );
    return bench.start('python3', [file]);
  };

/** What was asked for, where every exchange is whole. */
export const wholePaths = (observer: Lines) => {
  for (const { partial } of exchangesOf(observer)) expect(partial).toEqual([]);
  return pathsOf(observer)
    .map(each => each.replace(/^\/(.*)\?size=10$/, '$1'))
    .sort();
};
