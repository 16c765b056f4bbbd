/**
 * The floor: programs that do nothing, at the places where attach puts its own (`inner`) or at the exported names
 * (`names`). What a process loses under them, no observer by uprobes can give back.
 *
 *   node bench/attach/floor.mjs PID inner|names|sockets
 *
 * `sockets`: at the tracepoints of socket transfers, for plain HTTP; the whole machine has those.
 * Prints `attached`; at SIGINT, `calls N`: how often the return program ran, where kernel.bpf_stats_enabled is on. Two
 * instructions need no compiler, so it loads them by bpf(2). Needs a build, and Linux 6.12 (uprobe_multi links by pid).
 */
import { readFileSync } from 'node:fs';
import { bindLibc, viewMemory } from '../../dist/attach/kernel/native.js';
import { attachProbes } from '../../dist/attach/kernel/probes.js';
import { placeProbes } from '../../dist/attach/sources/placement.js';
import { Planner } from '../../dist/attach/sources/plan.js';
import { TLS_FUNCTION_NAMES, TLS_LIBRARIES } from '../../dist/attach/sources/tls-libraries.js';
import { openElf } from '../../dist/machine/elf.js';

const BPF_PROG_LOAD = 5;
const BPF_RAW_TRACEPOINT_OPEN = 17;
const BPF_PROG_TYPE_KPROBE = 2;
const BPF_PROG_TYPE_RAW_TRACEPOINT = 17;
const TRACEPOINTS = ['sock_send_length', 'sock_recv_length', 'inet_sock_set_state'];
const BPF_TRACE_UPROBE_MULTI = 48;

const libc = bindLibc();

/** `r0 = 0; exit`. Returns its descriptor. */
function loadEmpty(type = BPF_PROG_TYPE_KPROBE, attachType = BPF_TRACE_UPROBE_MULTI) {
  const { address, memory } = attributes();
  memory.set(Buffer.from('b7000000000000009500000000000000', 'hex'), 256);
  memory.set(Buffer.from('GPL\0'), 512);
  memory.writeUInt32LE(type, 0);
  memory.writeUInt32LE(2, 4);
  memory.writeBigUInt64LE(address + 256n, 8);
  memory.writeBigUInt64LE(address + 512n, 16);
  memory.writeUInt32LE(attachType, 68); // expected_attach_type
  return libc.bpf(BPF_PROG_LOAD, address, 128);
}

function attributes() {
  const size = 4096;
  const address = libc.map(size, -1, 0, true);
  return { address, memory: viewMemory(address, size) };
}

function openTracepoint(name, program) {
  const { address, memory } = attributes();
  memory.write(`${name}\0`, 256);
  memory.writeBigUInt64LE(address + 256n, 0);
  memory.writeUInt32LE(program, 8);
  return libc.bpf(BPF_RAW_TRACEPOINT_OPEN, address, 24);
}

const pid = Number(process.argv[2]);
const where = process.argv[3];
const [entry, leave] = [loadEmpty(), loadEmpty()];
const programs = {
  link: 'multi',
  libbpf: { programFd: Number },
  entry: BigInt(entry),
  return: BigInt(leave),
  go: BigInt(entry),
  fileLimit: 1024,
  shelveFrom: 1024,
};
const sets = [];
if (where === 'sockets') {
  const program = loadEmpty(BPF_PROG_TYPE_RAW_TRACEPOINT, 0);
  for (const name of TRACEPOINTS) openTracepoint(name, program); // they go with us
} else
  for (const file of new Planner().plan(pid).files) {
    const elf = openElf(file.attachPath);
    const symbols = elf.functions(TLS_FUNCTION_NAMES);
    const [library] = TLS_LIBRARIES;
    const placement = where === 'names' ? placeProbes(elf, { ...library, inner: [] }, symbols) : file.placement;
    sets.push(attachProbes(programs, { pid }, { ...file, placement }));
    elf.close();
  }
process.once('SIGINT', async () => {
  const [, calls] = /run_cnt:\s+(\d+)/.exec(readFileSync(`/proc/self/fdinfo/${leave}`, 'utf8')) ?? [];
  process.stdout.write(`calls ${calls}\n`);
  await Promise.all(sets.map(set => set.close()));
  process.exit(0);
});
process.stdout.write('attached\n');
setInterval(() => {}, 1 << 30);
