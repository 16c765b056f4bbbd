/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * Go's crypto/tls. Its functions take their arguments in rax, rbx, rcx, … and may move to another stack while they run, so
 * that a return probe would break the program. Each transfer is seen at one place instead: a write at its entry (Go writes
 * all, or the connection is over), a read where the plaintext is copied to the caller (src/attach/sources/go.ts).
 */
#pragma once

#if defined(__TARGET_ARCH_x86)
SEC("uprobe")
int go_transfer(struct pt_regs *ctx)
{
	__u64 cookie = bpf_get_attach_cookie(ctx), first = ctx->ax, second = ctx->bx, third = ctx->cx, stack = ctx->sp;
	struct call call = {};

	/* Keeps the loads at fixed offsets: the verifier refuses a computed one into the context. */
	barrier_var(first);
	barrier_var(stack);
	if (!is_observed(cookie))
		return 0;
	if (COOKIE_ACTION(cookie) == ACTION_FREE) {
		end_connection(first, RECORD_CLOSE);
		return 0;
	}
	call.connection = first;
	if (COOKIE_ACTION(cookie) == ACTION_READ &&
	    bpf_probe_read_user(&call.connection, sizeof(call.connection), (void *)(stack + COOKIE_STACK(cookie)))) {
		count(COUNTER_FAULT_RECORDS, 1);
		return 0;
	}
	call.buffer = second;
	call.time = bpf_ktime_get_ns();
	if (third && third < 0x7fffffff)
		commit(&call, COOKIE_ACTION(cookie) == ACTION_READ ? FLOW_RECEIVED : FLOW_SENT, third);
	return 0;
}
#endif
