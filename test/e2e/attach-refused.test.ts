/** What the kernel refuses: a program that its verifier rejects, capabilities that are missing one by one, namespaces. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { release, tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect } from '@jest/globals';
import { ROOT, start } from '../attach/attached.js';
import { real } from '../support/attach-bench.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'attach-refused-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const attach = (before: readonly string[], root = ROOT, pid = process.pid) => {
  const words = [...before, process.execPath, path.join(root, 'bin/run.js'), 'attach', '--pid', `${pid}`];
  return spawnSync(words[0]!, words.slice(1), { encoding: 'utf8', timeout: 30_000 }); // where nothing is refused, it would stay
};

/** Observes ourselves until it says that it does, or ends by itself. */
async function untilAttached(before: readonly string[], ...args: readonly string[]) {
  const words = [...before, process.execPath, path.join(ROOT, 'bin/run.js'), 'attach', '--pid', `${process.pid}`];
  const observer = start(words[0]!, [...words.slice(1), ...args]);
  const attached = await observer
    .line(line => line.startsWith('attached'))
    .then(
      () => true,
      () => false,
    );
  const status = attached ? await observer.kill('SIGINT') : await observer.exited;
  return { attached, status, stderr: observer.errors.join('\n') };
}

/** Offset in an ELF file of the first section whose name begins so. */
function sectionOffset(elf: Buffer, name: string): number {
  const table = Number(elf.readBigUInt64LE(0x28));
  const at = (index: number) => table + index * elf.readUInt16LE(0x3a);
  const offsetOf = (index: number) => Number(elf.readBigUInt64LE(at(index) + 0x18));
  const names = offsetOf(elf.readUInt16LE(0x3e));
  for (let index = 0; index < elf.readUInt16LE(0x3c); index++) {
    const start = names + elf.readUInt32LE(at(index));
    if (elf.toString('latin1', start, elf.indexOf(0, start)).startsWith(name)) return offsetOf(index);
  }
  throw new Error(`no section ${name}`);
}

real('a program that the verifier rejects: its last words, and what to do with them', () => {
  const copy = path.join(folder, 'copy');
  for (const part of ['bin', 'dist', 'bpf/prebuilt', 'package.json', 'oclif.manifest.json'])
    cpSync(path.join(ROOT, part), path.join(copy, part), { recursive: true });
  symlinkSync(path.join(ROOT, 'node_modules'), path.join(copy, 'node_modules'));
  const where = `linux-${process.arch}/tls.bpf.o`;
  const file = path.join(copy, 'bpf/prebuilt', where);
  const object = readFileSync(file);
  const before = createHash('sha256').update(object).digest('hex');
  // r0 = r5: the fifth register holds nothing when a program begins.
  Buffer.from('bf50000000000000', 'hex').copy(object, sectionOffset(object, 'uprobe'));
  writeFileSync(file, object);
  const manifest = path.join(copy, 'bpf/prebuilt/manifest.json');
  const after = createHash('sha256').update(object).digest('hex');
  writeFileSync(manifest, readFileSync(manifest, 'utf8').replaceAll(before, after));
  const { status, stderr } = attach([], copy);
  expect(stderr).toContain('refused the program');
  expect(stderr).toContain('R5 !read_ok');
  expect(stderr).toContain('report these lines with the kernel version');
  expect(stderr.split('\n').length).toBeLessThan(20);
  expect(status).toBe(3);
});

const tools = (program: string) => {
  const { error } = spawnSync(program, ['--version'], { stdio: 'ignore' });
  if (error) console.log(`skipped: ${program} is not installed`);
  return error === undefined;
};

real('without capabilities: status 3, each of them and the command', () => {
  if (!tools('setpriv')) return;
  const dropped = '-bpf,-perfmon,-sys_admin';
  const { status, stderr } = attach(['setpriv', `--bounding-set=${dropped}`, `--inh-caps=${dropped}`]);
  for (const name of ['CAP_BPF', 'CAP_PERFMON']) expect(stderr).toContain(`${name} is missing`);
  expect(stderr).not.toContain('CAP_SYS_PTRACE'); // which is there
  expect(stderr).toMatch(/sudo openlit-instrument attach|docker run .*--cap-add BPF/);
  expect(status).toBe(3);
});

const only = (...names: string[]) => {
  const set = ['-all', ...names.map(name => `+${name}`)].join(',');
  return ['setpriv', `--bounding-set=${set}`, `--inh-caps=${set}`];
};

real('three capabilities are enough on this kernel', async () => {
  if (!tools('setpriv')) return;
  const [major = 0, minor = 0] = release().split('.').map(Number);
  if (major < 6 || (major === 6 && minor < 12)) return console.log('skipped: before Linux 6.12 there may be a fourth');
  expect(await untilAttached(only('bpf', 'perfmon', 'sys_ptrace'))).toMatchObject({ attached: true, status: 0 });
});

real('without CAP_SYS_PTRACE it says so, and not that the process has no TLS library', () => {
  if (!tools('setpriv')) return;
  const { status, stderr } = attach(only('bpf', 'perfmon'));
  expect(stderr).toMatch(/CAP_SYS_PTRACE (is missing|here)/);
  expect(status).toBe(3);
});

real('a kernel that refuses single uprobes: status 3 with its word', async () => {
  if (!tools('setpriv')) return;
  const { attached, status, stderr } = await untilAttached(only('bpf', 'perfmon', 'sys_ptrace'), '--link', 'perf');
  if (attached) return console.log('skipped: this kernel does not guard uprobes');
  expect(stderr).toMatch(/bpf_program__attach_uprobe_opts: E(ACCES|PERM)/);
  expect(status).toBe(3);
});

real('a user namespace, whose capabilities are its own', () => {
  if (!tools('unshare')) return;
  const { status, stderr } = attach(['unshare', '--user', '--map-root-user']);
  expect(stderr).toContain('user namespace');
  expect(status).toBe(3);
});

real('a pid namespace, in which the kernel numbers processes otherwise', () => {
  if (!tools('unshare')) return;
  const { status, stderr } = attach(['unshare', '--pid', '--fork', '--mount-proc'], ROOT, 1);
  expect(stderr).toContain('--pid=host');
  expect(status).toBe(3);
});
