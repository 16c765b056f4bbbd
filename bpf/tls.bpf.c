// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/*
 * Plaintext of a process's TLS calls. One entry and one return program serve every place: what a place means is in its
 * attach cookie (tls.h), so a new library or function is a row of a table in user space and no line here.
 *
 * Reads and writes are both committed on return, with the length that was really transferred: Node calls SSL_write up to
 * three times with the same bytes before one succeeds. Results <= 0 cost one look-up and nothing else.
 */
#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "tls.h"
#include "maps.bpf.h"
#include "calls.bpf.h"
#include "emit.bpf.h"
#include "shed.bpf.h"
#include "process.bpf.h"

#define SSL_CTRL_SET_TLSEXT_HOSTNAME 55

/* Where a connection's positions are kept; NULL for processes that are not observed and, unless `create`, unknown ones. */
static __always_inline struct connection *find_connection(struct connection_key *key, bool create)
{
	struct target *target = bpf_map_lookup_elem(&targets, &key->pid);
	struct connection *connection;

	if (!target)
		return NULL;
	if (create && target->changed)
		target->changed = 0; /* its probes are there */
	connection = bpf_map_lookup_elem(&connections, key);
	if (connection && connection->epoch > target->since)
		return connection;
	if (!create)
		return NULL;
	struct connection fresh = {.epoch = bpf_ktime_get_ns()};

	bpf_map_update_elem(&connections, key, &fresh, BPF_ANY);
	connection = bpf_map_lookup_elem(&connections, key);
	if (!connection)
		count(COUNTER_MAP_FULL, 1);
	return connection;
}

static __always_inline void end_connection(__u64 ssl, __u8 kind)
{
	struct connection_key key = {.connection = ssl, .pid = bpf_get_current_pid_tgid() >> 32};
	struct connection *connection = find_connection(&key, false);

	if (!connection)
		return;
	if (!emit_totals(kind, ssl, connection))
		count(COUNTER_RING_RECORDS, 1);
	if (kind == RECORD_CLOSE)
		bpf_map_delete_elem(&connections, &key);
}

struct name_record {
	struct record record;
	char name[NAME_LIMIT];
};

static __always_inline void set_name(__u64 ssl, __u64 text)
{
	struct connection_key key = {.connection = ssl, .pid = bpf_get_current_pid_tgid() >> 32};
	struct connection *connection;
	struct name_record *r;
	long length;

	if (!text || !(connection = find_connection(&key, true)))
		return;
	r = bpf_ringbuf_reserve(&ring, sizeof(*r), 0);
	if (!r) {
		count(COUNTER_RING_RECORDS, 1);
		return;
	}
	length = bpf_probe_read_user_str(r->name, sizeof(r->name), (void *)text);
	if (length <= 1) {
		bpf_ringbuf_discard(r, BPF_RB_NO_WAKEUP);
		return;
	}
	fill(&r->record, RECORD_NAME, 0, length - 1, ssl, connection->epoch, 0, bpf_ktime_get_ns());
	bpf_ringbuf_submit(r, 0);
}

/* What a call has transferred. Not static: the verifier looks at it once. */
__noinline int commit(struct call *call, __u8 flow, int result)
{
	struct connection_key key = {.pid = bpf_get_current_pid_tgid() >> 32};
	struct connection *connection;
	__u64 length = result, epoch, offset;
	bool shed;

	if (!call)
		return 0;
	key.connection = call->connection;

	if (call->length_at && bpf_probe_read_user(&length, sizeof(length), (void *)call->length_at)) {
		count(COUNTER_FAULT_RECORDS, 1);
		return 0;
	}
	if (!length || !(connection = find_connection(&key, true)))
		return 0;
	shed = is_shed(connection, call, flow);
	epoch = connection->epoch;
	offset = advance(connection, flow, length);
	if (shed) {
		count(COUNTER_RING_RECORDS, 1);
		count(COUNTER_RING_BYTES, length);
		return 0;
	}
	if (flow == FLOW_RECEIVED)
		call->time = bpf_ktime_get_ns();
	emit_data(call, flow, length, epoch, offset);
	return 0;
}

#include "rustls.bpf.h"

SEC("uprobe")
int tls_entry(struct pt_regs *ctx)
{
	__u64 cookie = bpf_get_attach_cookie(ctx), connection = PT_REGS_PARM1(ctx), second = PT_REGS_PARM2(ctx);
	__u64 fourth = PT_REGS_PARM4(ctx), fifth = PT_REGS_PARM5(ctx);
	struct calls *open;
	struct call *call;
	__u64 length_argument, flow;

	/* Keeps both loads at fixed offsets: the verifier refuses a computed one into the context. */
	barrier_var(second);
	barrier_var(fourth);
	barrier_var(fifth);
	if (!is_observed(cookie))
		return 0;
	switch (COOKIE_ACTION(cookie)) {
	case ACTION_FREE:
		end_connection(connection, RECORD_CLOSE);
		return 0;
	case ACTION_SHUTDOWN:
		end_connection(connection, RECORD_SHUTDOWN);
		return 0;
	case ACTION_TAKEN:
		taken(connection, second);
		return 0;
	case ACTION_CTRL:
		if ((__u32)PT_REGS_PARM2(ctx) == SSL_CTRL_SET_TLSEXT_HOSTNAME)
			set_name(connection, fourth);
		return 0;
	}
	open = bpf_task_storage_get(&calls, bpf_get_current_task_btf(), 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
	flow = COOKIE_ACTION(cookie) == ACTION_READ ? FLOW_RECEIVED : FLOW_SENT;
	call = open ? open_call(open, connection, PT_REGS_SP(ctx), flow) : NULL;
	if (!call) {
		count(COUNTER_MAP_FULL, 1);
		return 0;
	}
	call->buffer = second;
	length_argument = COOKIE_LENGTH_ARGUMENT(cookie);
	call->length_at = length_argument == 4 ? fourth : length_argument == 5 ? fifth : 0;
	if (flow == FLOW_SENT)
		call->time = bpf_ktime_get_ns();
	return 0;
}

SEC("uretprobe")
int tls_return(struct pt_regs *ctx)
{
	struct calls *open = bpf_task_storage_get(&calls, bpf_get_current_task_btf(), 0, 0);
	__u64 flow = COOKIE_ACTION(bpf_get_attach_cookie(ctx)) == ACTION_READ ? FLOW_RECEIVED : FLOW_SENT;
	int result = (int)PT_REGS_RC(ctx);
	__u32 i;

	if (!open || !open->open)
		return 0; /* its entry was before us */
	i = find_call(open, PT_REGS_SP(ctx), flow);
	if (i >= CALLS_OPEN)
		return 0;
	if (result > 0 && COOKIE_ACTION(bpf_get_attach_cookie(ctx)) == ACTION_CHUNKS)
		chunks_taken(&open->slots[i], result);
	else if (result > 0)
		commit(&open->slots[i], flow, result);
	open->open &= ~(1ull << i);
	return 0;
}

#include "go.bpf.h"
#include "sockets.bpf.h"

/* The helpers that read user memory and time are for GPL-compatible programs only. */
char LICENSE[] SEC("license") = "GPL";
