/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * rustls hands on plaintext as structures of Rust. Their layout is that of the versions that src/attach/sources/rustls.ts
 * accepts: a Payload is {capacity or a mark, address, length}; OutboundChunks are {0, address, length}, or the slices of
 * a vector {slices, count, start, end}, each {address, length}.
 */
#pragma once

struct payload {
	__u64 mark, address, length;
};
struct chunks {
	__u64 slices, address_or_count, length_or_start, end;
};
/* Slices of one write that are walked; what lies beyond is counted. */
#define MOST_SLICES 16
#define PREFACE 0x20495250u /* "PRI ": HTTP/2 begins, so a new connection has the place of one that is gone */

/* At the entry: what was received is whole, and application data only. */
static __always_inline void taken(__u64 connection, __u64 at)
{
	struct call call = {.connection = connection, .time = bpf_ktime_get_ns()};
	struct payload payload;

	if (bpf_probe_read_user(&payload, sizeof(payload), (void *)at)) {
		count(COUNTER_FAULT_RECORDS, 1);
		return;
	}
	call.buffer = payload.address;
	if (payload.length && payload.length < 0x7fffffff)
		commit(&call, FLOW_RECEIVED, payload.length);
}

/* At the return: rustls takes fewer bytes than it was given where its buffers are full. The structure is in the caller's frame. */
static __always_inline void chunks_taken(struct call *call, __u64 left)
{
	struct call piece = {.connection = call->connection, .time = call->time};
	struct chunks chunks;
	struct part slice;
	__u32 start = 0;
	__u64 skip;

	if (bpf_probe_read_user(&chunks, sizeof(chunks), (void *)call->buffer)) {
		count(COUNTER_FAULT_RECORDS, 1);
		return;
	}
	skip = chunks.slices ? chunks.length_or_start : 0;
	for (int i = 0; i < MOST_SLICES; i++) {
		__u64 n;

		if (!left || i >= (chunks.slices ? chunks.address_or_count : 1))
			break;
		slice.base = chunks.address_or_count;
		slice.length = chunks.length_or_start;
		if (chunks.slices &&
		    bpf_probe_read_user(&slice, sizeof(slice), (void *)(chunks.slices + i * sizeof(slice))))
			break;
		if (skip >= slice.length) {
			skip -= slice.length;
			continue;
		}
		n = slice.length - skip < left ? slice.length - skip : left;
		piece.buffer = slice.base + skip;
		skip = 0;
		if (left >= 24 && !bpf_probe_read_user(&start, sizeof(start), (void *)piece.buffer) && start == PREFACE)
			end_connection(piece.connection, RECORD_CLOSE);
		commit(&piece, FLOW_SENT, n);
		left -= n;
	}
	if (left)
		count(COUNTER_FAULT_BYTES, left);
}
