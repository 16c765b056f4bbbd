/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * Every map, with who writes and who reads it. No per-CPU scratch memory anywhere: uprobe programs can be preempted, so
 * two of them may run on one CPU at once.
 */
#pragma once

/* Programs write, user space reads. The size is set by user space before the load (a power of two of pages). */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 16 * 1024 * 1024);
} ring SEC(".maps");

/*
 * Only wakes user space, also while it looks into the big ring at intervals and sleeps in between; what there is to know is
 * in the big ring, in its order. A record that finds no room is no loss: one that wakes is there already.
 */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 64 * 1024); /* a page on some arm64 machines */
} urgent SEC(".maps");

/* An observed process. User space writes what it attaches to, the fork program adds children before they can run. */
struct target {
	__u64 since; /* connections first seen before this belong to an earlier program under the same pid */
	__u64 changed; /* when it may have come by files that have no probes; 0: never, or its probes have been hit since */
};
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8192);
	__type(key, __u32);
	__type(value, struct target);
} targets SEC(".maps");

/* When user space last looked, and set probes, for a process: its clock before the look. User space writes, programs read. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8192);
	__type(key, __u32);
	__type(value, __u64);
} looked SEC(".maps");

/* Calls of unobserved processes at the probes of a shared file, within a second. Written by the TLS programs alone. */
struct others {
	__u64 since;
	__u64 calls;
};
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, MOST_SHARED);
	__type(key, __u32);
	__type(value, struct others);
} others SEC(".maps");

/*
 * A thread's calls between entry and return, written and read by the TLS programs alone. More than one is open where a
 * probed function is called inside another: TLS in TLS (curl with an HTTPS proxy), callbacks. A return finds its entry by
 * the stack pointer, which also holds where a thread changes stacks (fibers) and where an inner call never returned (longjmp).
 * Task storage is a third of the cost of a hash map, cannot be full, and goes with its thread, also one that ends inside a call.
 */
struct call {
	__u64 connection;
	__u64 buffer;
	__u64 length_at; /* where the callee stores the transferred length; 0: it returns it */
	__u64 time;
	__u64 stack; /* the stack pointer at entry */
	__u64 flow;
};
#define CALLS_OPEN 4
struct calls {
	__u64 open; /* one bit a slot */
	struct call slots[CALLS_OPEN];
};
struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct calls);
} calls SEC(".maps");

/* Byte positions of a connection, by process and SSL object, or by socket with process 0. LRU: a forgotten one starts again with a new epoch. */
struct connection_key {
	__u64 connection;
	__u32 pid;
	__u32 reserved;
};
struct connection {
	__u64 epoch;
	struct totals totals;
	__u8 turn;     /* whose bytes came last: a flow + 1; 0: none came yet */
	__u8 shedding; /* this turn, and what answers it, goes by without records */
	__u8 kind;     /* sockets only: what it is about */
	__u8 closer;   /* sockets only: who closed first, a flow + 1; 0: nobody yet, or unknown */
	__u32 pid;     /* sockets only: who was first seen on it */
};
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 65536);
	__type(key, struct connection_key);
	__type(value, struct connection);
} connections SEC(".maps");

/* enum counter; programs add, user space sums over CPUs. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, COUNTER_COUNT);
	__type(key, __u32);
	__type(value, __u64);
} counters SEC(".maps");

static __always_inline void count(__u32 index, __u64 n)
{
	__u64 *slot = bpf_map_lookup_elem(&counters, &index);

	if (slot)
		__sync_fetch_and_add(slot, n); /* atomic: another program may preempt us on this CPU */
}
