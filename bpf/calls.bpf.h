/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * Which slot an open call has. Nearly always no other call is open, and then each of the two costs one comparison.
 */
#pragma once

/* A piece of memory: an iovec, a slice of Rust. */
struct part {
	__u64 base, length;
};

/* What a return takes off the stack: the return address, where the machine keeps it there. */
#if defined(__TARGET_ARCH_x86)
#define RETURN_POPS 8
#else
#define RETURN_POPS 0
#endif

/*
 * Beside calls that are open, or were left without a return. One of the same connection and direction is taken over: a form
 * of the function that calls another form would count twice. CALLS_OPEN: there is no room.
 */
static __noinline __u32 slot_beside(struct calls *calls, __u64 connection, __u64 stack, __u64 flow)
{
	__u32 free = CALLS_OPEN, left = CALLS_OPEN;

	if (!calls)
		return CALLS_OPEN;
	for (__u32 i = 0; i < CALLS_OPEN; i++) {
		struct call *call = &calls->slots[i];

		if (!(calls->open & (1ull << i))) {
			free = i;
			continue;
		}
		if (call->stack == stack || (call->connection == connection && call->flow == flow))
			return i;
		/* The stack grows down: what is still open is above. Looked at only in need, since fibers have stacks anywhere. */
		if (call->stack < stack)
			left = i;
	}
	return free < CALLS_OPEN ? free : left;
}

/* The slot for a call that begins. NULL: too many are open. */
static __always_inline struct call *open_call(struct calls *calls, __u64 connection, __u64 stack, __u64 flow)
{
	__u32 i = calls->open ? slot_beside(calls, connection, stack, flow) : 0;
	struct call *call;

	if (i >= CALLS_OPEN)
		return NULL;
	calls->open |= 1ull << i;
	call = &calls->slots[i];
	call->connection = connection;
	call->stack = stack;
	call->flow = flow;
	return call;
}

/* The open call that returns to this stack pointer. CALLS_OPEN: its entry was not seen. */
static __always_inline __u32 find_call(struct calls *calls, __u64 stack, __u64 flow)
{
	for (__u32 i = 0; i < CALLS_OPEN; i++)
		if ((calls->open & (1ull << i)) && calls->slots[i].stack == stack - RETURN_POPS &&
		    calls->slots[i].flow == flow)
			return i;
	return CALLS_OPEN;
}
