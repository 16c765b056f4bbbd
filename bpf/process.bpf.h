/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * Which processes belong to the observation: children from their first instruction on, until the last thread ended.
 * Raw tracepoints, because they need neither tracefs nor kprobes. Their arguments are the kernel's TP_PROTO order.
 */
#pragma once

/* Probes should be there before the first call. */
static __always_inline void wake_now(void)
{
	__u64 *wake = bpf_ringbuf_reserve(&urgent, sizeof(*wake), 0);

	if (wake)
		bpf_ringbuf_submit(wake, BPF_RB_FORCE_WAKEUP);
}

static __always_inline void emit_process(__u8 kind, __u32 pid, __u64 value)
{
	struct record *r = bpf_ringbuf_reserve(&ring, sizeof(*r), 0);

	if (!r) {
		count(COUNTER_RING_RECORDS, 1);
		return;
	}
	fill(r, kind, 0, 0, value, 0, 0, bpf_ktime_get_ns());
	r->pid = pid;
	bpf_ringbuf_submit(r, BPF_RB_NO_WAKEUP);
	wake_now();
}

/*
 * Probes of a shared file are in the memory of everybody who has it, so that a child has them from its first instruction.
 * Whether the call is one of an observed process. Nothing of others is read; that they called is counted, since it costs
 * them something, and user space is told once in a second when it is too often.
 */
static __always_inline bool is_observed(__u64 cookie)
{
	__u32 pid = bpf_get_current_pid_tgid() >> 32, file = COOKIE_SHARED(cookie);
	struct others *slot;
	__u64 now;

	if (!file || bpf_map_lookup_elem(&targets, &pid))
		return true;
	slot = bpf_map_lookup_elem(&others, &file);
	if (!slot)
		return false;
	now = bpf_ktime_get_ns();
	if (now - slot->since > 1000000000ull) {
		slot->since = now;
		slot->calls = 0;
	}
	if (__sync_fetch_and_add(&slot->calls, 1) == MOST_CALLS_OF_OTHERS)
		emit_process(RECORD_OTHERS, pid, file);
	return false;
}

SEC("raw_tp/sched_process_fork")
int process_fork(struct bpf_raw_tracepoint_args *ctx)
{
	struct task_struct *parent = (void *)ctx->args[0], *child = (void *)ctx->args[1];
	__u32 from = BPF_CORE_READ(parent, tgid), pid = BPF_CORE_READ(child, tgid);
	__u64 now = bpf_ktime_get_ns();
	struct target target = {.since = now, .changed = now};

	if (pid != BPF_CORE_READ(child, pid) || !bpf_map_lookup_elem(&targets, &from))
		return 0; /* a thread, or nobody we observe */
	if (bpf_map_update_elem(&targets, &pid, &target, BPF_ANY))
		count(COUNTER_MAP_FULL, 1);
	emit_process(RECORD_FORK, from, pid);
	return 0;
}

/* With the name and the first words of the program: of one that has ended by the time that we are told, nobody else says them. */
static __always_inline void emit_exec(__u32 pid, __u64 before)
{
	struct {
		struct record record;
		char name[TASK_NAME];
		char words[TASK_WORDS];
	} *r = bpf_ringbuf_reserve(&ring, sizeof(*r), 0);
	struct task_struct *task = (void *)bpf_get_current_task();
	__u64 from, length;

	if (!r) {
		count(COUNTER_RING_RECORDS, 1);
		return;
	}
	from = BPF_CORE_READ(task, mm, arg_start);
	length = BPF_CORE_READ(task, mm, arg_end) - from; /* what follows are variables: not read */
	if (length > sizeof(r->words))
		length = sizeof(r->words);
	if (bpf_probe_read_user(r->words, length, (void *)from))
		length = 0;
	fill(&r->record, RECORD_EXEC, 0, sizeof(r->name) + length, before, 0, 0, bpf_ktime_get_ns());
	r->record.pid = pid;
	bpf_get_current_comm(r->name, sizeof(r->name));
	bpf_ringbuf_submit(r, BPF_RB_NO_WAKEUP);
	wake_now();
}

/* Arguments: the task, which has its new pid already, the pid it had, the program. */
SEC("raw_tp/sched_process_exec")
int process_exec(struct bpf_raw_tracepoint_args *ctx)
{
	__u32 pid = bpf_get_current_pid_tgid() >> 32;
	struct target *target = bpf_map_lookup_elem(&targets, &pid);

	if (!target)
		return 0;
	target->since = target->changed = bpf_ktime_get_ns();
	emit_exec(pid, (__u32)ctx->args[1]);
	return 0;
}

SEC("raw_tp/sched_process_exit")
int process_exit(void *ctx)
{
	__u32 pid = bpf_get_current_pid_tgid() >> 32;
	struct task_struct *task = (void *)bpf_get_current_task();

	if (!bpf_map_lookup_elem(&targets, &pid) || BPF_CORE_READ(task, signal, live.counter) > 0)
		return 0; /* nobody we observe, or not its last thread */
	bpf_map_delete_elem(&targets, &pid);
	emit_process(RECORD_EXIT, pid, 0);
	return 0;
}

/*
 * At `_dl_debug_state`, which the dynamic loader calls for debuggers before and after it maps a library: a library that
 * came is seen at once, before its first call.
 */
SEC("uprobe")
int process_mapped(struct pt_regs *ctx)
{
	__u32 pid = bpf_get_current_pid_tgid() >> 32;
	struct target *target = bpf_map_lookup_elem(&targets, &pid);

	if (!target)
		return 0;
	target->changed = bpf_ktime_get_ns();
	emit_process(RECORD_MAPPED, pid, 0);
	return 0;
}
