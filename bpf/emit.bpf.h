/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * Plaintext into the ring. The verifier wants a reservation's size as a constant, so there is one per tier, and a record
 * takes the smallest that holds what it carries (at most four times its payload, usually less than twice).
 */
#pragma once

static __always_inline void fill(struct record *r, __u8 kind, __u8 flow, __u32 length, __u64 connection, __u64 epoch,
				 __u64 offset, __u64 time)
{
	__u64 id = bpf_get_current_pid_tgid();

	r->version = RECORD_VERSION;
	r->kind = kind;
	r->flow = flow;
	r->closer = 0;
	r->length = length;
	r->pid = id >> 32;
	r->tid = (__u32)id;
	r->connection = connection;
	r->epoch = epoch;
	r->offset = offset;
	r->time = time;
}

/* Counts what was transferred. Returns the position of its first byte. */
static __always_inline __u64 advance(struct connection *connection, __u8 flow, __u64 length)
{
	__u64 *total = flow == FLOW_SENT ? &connection->totals.sent : &connection->totals.received, offset = *total;

	*total += length;
	return offset;
}

/* Where both directions of a connection of a process are. False: no room. */
static __always_inline bool emit_totals_of(__u32 pid, __u8 kind, __u64 ssl, struct connection *connection)
{
	struct {
		struct record record;
		struct totals totals;
	} *r = bpf_ringbuf_reserve(&ring, sizeof(*r), 0);

	if (!r)
		return false;
	fill(&r->record, kind, 0, sizeof(r->totals), ssl, connection->epoch, 0, bpf_ktime_get_ns());
	r->totals = connection->totals;
	r->record.pid = pid;
	r->record.closer = connection->closer;
	bpf_ringbuf_submit(r, 0);
	return true;
}

static __always_inline bool emit_totals(__u8 kind, __u64 ssl, struct connection *connection)
{
	return emit_totals_of(bpf_get_current_pid_tgid() >> 32, kind, ssl, connection);
}

/* One piece of at most `tier` bytes. */
#define EMIT_TIER(tier)                                                                                                \
	do {                                                                                                           \
		struct record *r = bpf_ringbuf_reserve(&ring, sizeof(struct record) + (tier), 0);                      \
		if (!r) {                                                                                              \
			count(COUNTER_RING_RECORDS, 1);                                                                \
			count(COUNTER_RING_BYTES, n);                                                                  \
			return 0;                                                                                      \
		}                                                                                                      \
		if (bpf_probe_read_user(r + 1, n, (void *)from)) {                                                     \
			bpf_ringbuf_discard(r, BPF_RB_NO_WAKEUP);                                                      \
			count(COUNTER_FAULT_RECORDS, 1);                                                               \
			count(COUNTER_FAULT_BYTES, n);                                                                 \
			return 0;                                                                                      \
		}                                                                                                      \
		fill(r, RECORD_DATA, flow, n, call->connection, epoch, offset, time);                                  \
		bpf_ringbuf_submit(r, 0);                                                                              \
		return 0;                                                                                              \
	} while (0)

/* The barrier keeps the compiler from proving the bound itself and dropping the check that the verifier needs. */
#define EMIT_UP_TO(tier)                                                                                               \
	do {                                                                                                           \
		asm volatile("" : "+r"(n));                                                                            \
		if (n <= (tier))                                                                                       \
			EMIT_TIER(tier);                                                                               \
	} while (0)

/*
 * Functions that are not static are verified once, and not on every way that leads to them: without that, the kernel looks at
 * a hundred thousand instructions for each program, and takes 0.3 to 1 s to load them.
 */
__noinline int emit_whole_chunk(struct call *call, __u8 flow, __u64 from, __u64 epoch, __u64 offset)
{
	const __u32 n = CHUNK;
	__u64 time;

	if (!call)
		return 0;
	time = call->time;
	EMIT_TIER(CHUNK);
}

static __always_inline int emit_piece(struct call *call, __u8 flow, __u64 from, __u64 n, __u64 epoch, __u64 offset)
{
	__u64 time = call->time;

	EMIT_UP_TO(128);
	EMIT_UP_TO(512);
	EMIT_UP_TO(1280);
	EMIT_UP_TO(4096);
	EMIT_UP_TO(8192);
	/* A TLS record, or with its header a frame of HTTP/2: four times as many fit as in a whole chunk. */
	EMIT_UP_TO(16384 + 64);
	EMIT_UP_TO(32768 + 64); /* what Go copies at once */
	EMIT_UP_TO(CHUNK);
	return 0;
}

__noinline int emit_data(struct call *call, __u8 flow, __u64 length, __u64 epoch, __u64 offset)
{
	__u64 from, left = length;

	if (!call)
		return 0;
	from = call->buffer;

	if (left > CALL_LIMIT) {
		count(COUNTER_LIMIT_BYTES, left - CALL_LIMIT);
		left = CALL_LIMIT;
	}
	for (int i = 0; i < CALL_LIMIT / CHUNK; i++) {
		if (left <= CHUNK)
			break;
		emit_whole_chunk(call, flow, from, epoch, offset);
		from += CHUNK;
		offset += CHUNK;
		left -= CHUNK;
	}
	if (left && left <= CHUNK)
		emit_piece(call, flow, from, left, epoch, offset);
	return 0;
}
