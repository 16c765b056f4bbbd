/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * What the kernel half and src/wire/transport/record.ts agree on. Every field is aligned by hand and every gap has a name,
 * because user space reads the ring without copying. test/attach/kernel/layout.test.ts compares the offsets on both sides.
 */
#ifndef OPENLIT_TLS_H
#define OPENLIT_TLS_H

/* Raised with every change of the layout or of a meaning below. */
#define RECORD_VERSION 1

enum record_kind {
	RECORD_DATA = 1,     /* payload: plaintext; `flow` says whose */
	RECORD_CLOSE = 2,    /* SSL_free: payload is struct totals */
	RECORD_SHUTDOWN = 3, /* SSL_shutdown: payload is struct totals */
	RECORD_NAME = 4,     /* server name (SNI) that a client set: payload is its text */
	RECORD_FORK = 5,     /* `connection` is the child's pid, `pid` its parent's */
	RECORD_EXEC =
		6, /* `connection` is the pid that the calling thread had before: its process's, or a thread's own */
	RECORD_EXIT = 7,
	RECORD_SHED = 8, /* payload is struct totals: what is missing before these positions was shed in whole turns */
	RECORD_MAPPED = 9,  /* the dynamic loader maps a library, or has */
	RECORD_OTHERS = 10, /* `connection` is the number of a shared file that unobserved processes use too often */
	RECORD_UNSEEN = 11, /* a process has sent TLS data before its probes were there */
};

enum record_flow { FLOW_SENT = 0, FLOW_RECEIVED = 1 };

struct record {
	__u8 version;
	__u8 kind;
	__u8 flow;
	__u8 closer;  /* of the `close` of a socket: who closed first, a flow + 1; 0: unknown */
	__u32 length; /* payload bytes after this header; the reservation may be larger */
	__u32 pid;    /* thread group, as the initial pid namespace numbers it */
	__u32 tid;
	__u64 connection; /* address of the SSL object in the process */
	__u64 epoch;      /* when this connection was first seen: tells objects at one address apart */
	__u64 offset;     /* position of the payload's first byte in its direction, since `epoch` */
	__u64 time;       /* CLOCK_MONOTONIC ns: entry of a write, return of a read */
};

/* The payload of an `exec`: the program's name with a zero at its end, and the beginning of its words, each with a zero at its end. */
#define TASK_NAME 16
#define TASK_WORDS 112

/* Bytes that passed since `epoch`, also those that were lost on the way to user space. */
struct totals {
	__u64 sent;
	__u64 received;
};

/* Indices of the `counters` map. Exact: atomic additions on per-CPU slots, summed by the reader. */
enum counter {
	COUNTER_RING_RECORDS = 0, /* records that found no room in the ring, or were shed to leave some */
	COUNTER_RING_BYTES = 1,
	COUNTER_FAULT_RECORDS = 2, /* records whose memory could not be read */
	COUNTER_FAULT_BYTES = 3,
	COUNTER_LIMIT_BYTES = 4, /* bytes beyond CALL_LIMIT in one call */
	COUNTER_MAP_FULL = 5, /* calls, connections or children not followed: no memory, a full map, calls too deep */
	COUNTER_COUNT = 6,
};

/* The attach cookie is the row of the probe table (src/attach/sources/tls-libraries.ts) that a place was attached for. */
enum action {
	ACTION_WRITE = 0,
	ACTION_READ = 1,
	ACTION_FREE = 2,
	ACTION_SHUTDOWN = 3,
	ACTION_CTRL = 4,
	ACTION_MAPPED = 5,
	ACTION_CHUNKS = 6, /* a write of rustls */
	ACTION_TAKEN = 7   /* a read of rustls */
};
#define COOKIE_ACTION(cookie) (0xff & (cookie))
/* Number (1-based) of the argument that points to the transferred length (size_t), 0: the return value is the length. */
#define COOKIE_LENGTH_ARGUMENT(cookie) (((cookie) >> 8) & 0xff)

/* Go: where the function that copies has put its connection, in bytes from the stack pointer. */
#define COOKIE_STACK(cookie) (((cookie) >> 16) & 0xffff)

/* Probes for all who have a file: its number, from 1 on. 0: the probes are of one process. */
#define COOKIE_SHARED(cookie) (((cookie) >> 32) & 0xff)
#define MOST_SHARED 64
/* Calls of unobserved processes in one second beyond which a file's probes are shared no more. */
#define MOST_CALLS_OF_OTHERS 200

#define CHUNK 65536u
#define CALL_LIMIT (16u * 1024 * 1024)
#define NAME_LIMIT 256

#endif
