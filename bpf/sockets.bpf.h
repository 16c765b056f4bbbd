/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * Plain HTTP: what the observed processes send and receive on TCP sockets. The two tracepoints run after a transfer, on the
 * thread that made it, with the socket and the exact length; where its bytes are is in the registers of the system call.
 * Other processes pay about a nanosecond for a transfer, and nothing for any other system call.
 */
#pragma once

#define AF_INET 2
#define AF_INET6 10
#define SOCK_STREAM 1
#define TCP_ESTABLISHED 1
#define TCP_FIN_WAIT1 4
#define TCP_CLOSE 7
#define TCP_CLOSE_WAIT 8
#define MSG_PEEK 2
/* Parts of one transfer (iovec) that are walked; what lies beyond is counted. */
#define MOST_PARTS 16

#if defined(__TARGET_ARCH_x86)
#define CALL_NUMBER(regs) ((regs).orig_ax)
#define CALL_SECOND(regs) ((regs).si)
enum {
	CALL_READ = 0,
	CALL_WRITE = 1,
	CALL_READV = 19,
	CALL_WRITEV = 20,
	CALL_SENDTO = 44,
	CALL_RECVFROM = 45,
	CALL_SENDMSG = 46,
	CALL_RECVMSG = 47
};
#else
#define CALL_NUMBER(regs) ((regs).user_regs.regs[8])
#define CALL_SECOND(regs) ((regs).user_regs.regs[1])
enum {
	CALL_READ = 63,
	CALL_WRITE = 64,
	CALL_READV = 65,
	CALL_WRITEV = 66,
	CALL_SENDTO = 206,
	CALL_RECVFROM = 207,
	CALL_SENDMSG = 211,
	CALL_RECVMSG = 212
};
#endif

/* The beginning of struct user_msghdr. */
struct message {
	__u64 name, name_length, parts, count;
};

/* What a connection is about, by the first bytes that we see of it. */
enum { KIND_NEW = 0, KIND_HTTP = 1, KIND_OTHER = 2, KIND_UNPROBED = 3 };

static __always_inline __u64 socket_identity(void *sk)
{
	return (__u64)sk &
	       0xffffffffffffULL; /* 48 bits, which a JavaScript number holds; bit 47 tells it from user memory */
}

static __always_inline __u8 kind_of(__u64 buffer)
{
	__u32 start = 0;

	if (bpf_probe_read_user(&start, sizeof(start), (void *)buffer))
		return KIND_NEW;
	if (is_request(start) || start == 0x50545448u /* "HTTP" */ || start == 0x20495250u /* "PRI " */)
		return KIND_HTTP;
	/* Records of TLS: their plaintext is seen elsewhere. Anything else may be the middle of an answer. */
	return (start & 0xffff) >= 0x0314 && (start & 0xff00) == 0x0300 && (start & 0xff) <= 0x17 ? KIND_OTHER
												  : KIND_NEW;
}

#define TLS_HANDSHAKE 0x16
#define TLS_DATA 0x17
#define CLIENT_HELLO 1

/* Whether a process may have files without probes: it is new, became another program, or mapped a library, and nobody has looked since. */
static __always_inline bool is_unprobed(struct target *target, __u32 pid)
{
	__u64 *look;

	if (!target->changed)
		return false;
	look = bpf_map_lookup_elem(&looked, &pid);
	return !look || *look < target->changed;
}

static __always_inline bool begins_tls(__u64 buffer)
{
	struct {
		__u8 type, major, minor, high, low, message, pad[2];
	} start = {};

	return !bpf_probe_read_user(&start, 6, (void *)buffer) && start.type == TLS_HANDSHAKE && start.major == 3 &&
	       start.message == CLIENT_HELLO;
}

/* A record with what a program says: TLS 1.3 has the end of the handshake in such a record, too, whose length is one of two. */
static __always_inline bool carries_data(__u64 buffer)
{
	__u8 start[8] = {};

	return !bpf_probe_read_user(start, 5, (void *)buffer) && start[0] == TLS_DATA && start[1] == 3 &&
	       (start[3] || (start[4] != 0x35 && start[4] != 0x45));
}

/*
 * A client whose first words went out before its probes were there. Sends inside a probed call are none of these; a program
 * that encrypts into memory has hit a probe before it sends, which is in `changed`. What is found is told once a connection.
 */
static __always_inline void watch_unprobed(struct connection *connection, struct target *target, __u32 pid,
					   __u64 buffer)
{
	struct calls *open;

	if (!is_unprobed(target, pid)) {
		connection->kind = KIND_OTHER;
		return;
	}
	if (!carries_data(buffer))
		return;
	connection->kind = KIND_OTHER;
	open = bpf_task_storage_get(&calls, bpf_get_current_task_btf(), 0, 0);
	if (!open || !open->open)
		emit_process(RECORD_UNSEEN, pid, connection->epoch);
}

/* Global: the verifier looks at it once, and not for each part of each transfer. */
__noinline int emit_part(struct call *call, __u64 flow, __u64 length, __u64 epoch, __u64 offset)
{
	if (call)
		emit_data(call, flow, length, epoch, offset);
	return 0;
}

static __always_inline int transferred(struct sock *sk, int result, int flags, __u8 flow)
{
	struct connection_key key = {.connection = socket_identity(sk)};
	__u32 pid = bpf_get_current_pid_tgid() >> 32;
	struct connection *connection;
	struct target *target;
	struct call call = {};
	struct pt_regs regs;
	struct message message;
	struct part part;
	__u64 left, number, second, epoch, offset, parts = 0, most = 0;
	__u16 family;

	if (result <= 0 || (flags & MSG_PEEK && flow == FLOW_RECEIVED) ||
	    !(target = bpf_map_lookup_elem(&targets, &pid)))
		return 0;
	family = BPF_CORE_READ(sk, __sk_common.skc_family);
	if ((family != AF_INET && family != AF_INET6) || BPF_CORE_READ(sk, sk_type) != SOCK_STREAM)
		return 0;
	connection = bpf_map_lookup_elem(&connections, &key);
	if (connection &&
	    (connection->kind == KIND_OTHER || (connection->kind == KIND_UNPROBED && flow == FLOW_RECEIVED)))
		return 0;
	if (bpf_probe_read_kernel(&regs, sizeof(regs), (void *)bpf_task_pt_regs(bpf_get_current_task_btf())))
		return 0;
	number = CALL_NUMBER(regs);
	second = CALL_SECOND(regs);
	if (number == CALL_READV || number == CALL_WRITEV) {
		parts = second;
		most = MOST_PARTS;
	} else if (number == CALL_SENDMSG || number == CALL_RECVMSG) {
		if (bpf_probe_read_user(&message, sizeof(message), (void *)second))
			return 0;
		parts = message.parts;
		most = message.count;
	} else if (number == CALL_READ || number == CALL_WRITE || number == CALL_SENDTO || number == CALL_RECVFROM) {
		part.base = second;
		part.length = result;
	} else {
		part.base = 0; /* sendfile, splice, io_uring: only the length is known */
		part.length = result;
	}
	if (parts && bpf_probe_read_user(&part, sizeof(part), (void *)parts))
		return 0;
	if (connection && connection->kind == KIND_UNPROBED) {
		if (part.base)
			watch_unprobed(connection, target, pid, part.base);
		return 0;
	}
	if (!connection) {
		struct connection fresh = {
			.epoch = bpf_ktime_get_ns(), .pid = pid, .kind = part.base ? kind_of(part.base) : KIND_NEW};

		if (fresh.kind == KIND_NEW)
			return 0; /* not the beginning of anything: looked at again */
		if (fresh.kind == KIND_OTHER && flow == FLOW_SENT && is_unprobed(target, pid) && begins_tls(part.base))
			fresh.kind = KIND_UNPROBED;
		bpf_map_update_elem(&connections, &key, &fresh, BPF_ANY);
		connection = bpf_map_lookup_elem(&connections, &key);
		if (!connection)
			count(COUNTER_MAP_FULL, 1);
		if (!connection || connection->kind != KIND_HTTP)
			return 0;
	}
	call.connection = key.connection;
	call.buffer = part.base;
	call.time = bpf_ktime_get_ns();
	left = result;
	epoch = connection->epoch;
	if (flow == FLOW_RECEIVED)
		connection->closer = 0; /* a half-closed side still reads: it has not gone away */
	if (part.base && is_shed(connection, &call, flow)) {
		advance(connection, flow, left);
		count(COUNTER_RING_RECORDS, 1);
		count(COUNTER_RING_BYTES, left);
		return 0;
	}
	offset = advance(connection, flow, left);
	if (!parts) {
		if (part.base)
			emit_part(&call, flow, left, epoch, offset);
		else
			count(COUNTER_FAULT_BYTES, left);
		return 0;
	}
	for (int i = 0; i < MOST_PARTS; i++) {
		__u64 n;

		if (!left || i >= most || bpf_probe_read_user(&part, sizeof(part), (void *)(parts + i * sizeof(part))))
			break;
		n = part.length < left ? part.length : left;
		if (!n)
			continue;
		call.buffer = part.base;
		emit_part(&call, flow, n, epoch, offset);
		offset += n;
		left -= n;
	}
	if (left)
		count(COUNTER_FAULT_BYTES, left);
	return 0;
}

/* Raw, not BTF: the socket's address is its identity, and the verifier lets nobody calculate with a pointer of its own. */
SEC("raw_tp/sock_send_length")
int socket_sent(struct bpf_raw_tracepoint_args *ctx)
{
	return transferred((void *)ctx->args[0], (int)ctx->args[1], (int)ctx->args[2], FLOW_SENT);
}

SEC("raw_tp/sock_recv_length")
int socket_received(struct bpf_raw_tracepoint_args *ctx)
{
	return transferred((void *)ctx->args[0], (int)ctx->args[1], (int)ctx->args[2], FLOW_RECEIVED);
}

/* Who goes away first: our side's FIN, the peer's, or, with unread data, a reset that is not an error of the socket. */
static __always_inline void note_closer(struct sock *sk, int before, int after, struct connection *connection)
{
	if (connection->closer)
		return;
	if (after == TCP_FIN_WAIT1)
		connection->closer = FLOW_SENT + 1;
	else if (after == TCP_CLOSE_WAIT)
		connection->closer = FLOW_RECEIVED + 1;
	else if (after == TCP_CLOSE && before == TCP_ESTABLISHED)
		connection->closer = (BPF_CORE_READ(sk, sk_err) ? FLOW_RECEIVED : FLOW_SENT) + 1;
}

/* The end of a connection, in whatever context the kernel comes to it. */
SEC("raw_tp/inet_sock_set_state")
int socket_state(struct bpf_raw_tracepoint_args *ctx)
{
	struct connection_key key = {.connection = socket_identity((void *)ctx->args[0])};
	struct connection *connection;

	if (!(connection = bpf_map_lookup_elem(&connections, &key)))
		return 0;
	note_closer((void *)ctx->args[0], (int)ctx->args[1], (int)ctx->args[2], connection);
	if ((int)ctx->args[2] != TCP_CLOSE)
		return 0;
	if (connection->kind == KIND_HTTP && !emit_totals_of(connection->pid, RECORD_CLOSE, key.connection, connection))
		count(COUNTER_RING_RECORDS, 1);
	bpf_map_delete_elem(&connections, &key);
	return 0;
}
