/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * When more comes than user space reads, something is lost. Without a choice of ours that would be the records that find
 * the ring full, some of nearly every exchange. Instead, while more than half of the ring waits, whole exchanges go by
 * without a record, each from its request to the next one; the other half is for those that are under way.
 */
#pragma once

/* Whether these first four bytes are those of an HTTP/1 request. */
static __always_inline bool is_request(__u32 start)
{
	switch (start) {
	case 0x20544547u: /* "GET " */
	case 0x54534f50u: /* "POST" */
	case 0x20545550u: /* "PUT " */
	case 0x43544150u: /* "PATC" */
	case 0x454c4544u: /* "DELE" */
	case 0x44414548u: /* "HEAD" */
	case 0x4954504fu: /* "OPTI" */
		return true;
	}
	return false;
}

/* Whether what this call carries is shed. Costs one helper call a turn while the ring is less than half full. */
static __always_inline bool is_shed(struct connection *connection, struct call *call, __u8 flow)
{
	bool crowded;
	__u32 start = 0;

	if (connection->turn == flow + 1)
		return connection->shedding;
	connection->turn = flow + 1;
	crowded = bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA) > bpf_ringbuf_query(&ring, BPF_RB_RING_SIZE) / 2;
	if (crowded == connection->shedding)
		return crowded;
	/*
	 * Only a request of HTTP/1 begins and ends it, so that its answer goes by with it. HTTP/2 and WebSocket have turns
	 * inside of an exchange, and what follows needs every byte before it: theirs is the whole ring.
	 */
	if (bpf_probe_read_user(&start, sizeof(start), (void *)call->buffer) || !is_request(start))
		return connection->shedding;
	/* User space must know that it missed whole turns before it sees the next one, or it would look for a part of this. */
	if (crowded || emit_totals(RECORD_SHED, call->connection, connection))
		connection->shedding = crowded;
	return connection->shedding;
}
