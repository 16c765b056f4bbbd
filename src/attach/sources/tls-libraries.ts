/**
 * The TLS libraries that attach knows, one row each: which functions carry plaintext and how they report a length. A new
 * library with C functions of this kind is one more row; the kernel programs do not change (bpf/tls.h: the cookie).
 */
export type ProbeAction = 'write' | 'read' | 'free' | 'shutdown' | 'control' | 'mapped';

export interface TlsFunction {
  readonly symbol: string;
  readonly action: ProbeAction;
  /** Number of the `size_t *` argument that receives the transferred length; absent: the return value is the length. */
  readonly lengthArgument?: number;
  /** Left out where the file has this one, which it calls. */
  readonly unless?: string;
}

export interface TlsLibrary {
  readonly name: string;
  /** A file is of this library when it defines at least one reading and one writing function. */
  readonly functions: readonly TlsFunction[];
  /**
   * Functions of which a thin wrapper and a plain form call one inner function that does the work: probing that one
   * serves every form. `placement.ts` proves it from the code or falls back to the names.
   */
  readonly inner: readonly {
    readonly action: ProbeAction;
    readonly wrappers: readonly TlsFunction[];
    readonly plain: string;
  }[];
}

const writeEx: TlsFunction = { symbol: 'SSL_write_ex', action: 'write', lengthArgument: 4 };
const writeEx2: TlsFunction = { symbol: 'SSL_write_ex2', action: 'write', lengthArgument: 5 };
const readEx: TlsFunction = { symbol: 'SSL_read_ex', action: 'read', lengthArgument: 4 };

/** Signatures: openssl.org/docs/man3.5/man3/SSL_read, SSL_write, SSL_free, SSL_shutdown, SSL_CTX_ctrl. */
const openssl: TlsLibrary = {
  name: 'OpenSSL',
  functions: [
    { symbol: 'SSL_write', action: 'write' },
    writeEx,
    writeEx2, // from 3.3
    { symbol: 'SSL_read', action: 'read' },
    readEx,
    { symbol: 'SSL_free', action: 'free' },
    { symbol: 'SSL_shutdown', action: 'shutdown' },
    { symbol: 'SSL_ctrl', action: 'control' },
  ],
  inner: [
    { action: 'write', wrappers: [writeEx, writeEx2], plain: 'SSL_write' },
    { action: 'read', wrappers: [readEx], plain: 'SSL_read' },
  ],
};

/**
 * `gnutls_record_send` jumps into `gnutls_record_send2` where there is one (from 3.6.3), so one of them at most is probed.
 * The server's name has a length beside it and is not read; the Host header names the server too.
 * Signatures: gnutls.org/manual, "Core TLS API".
 */
const gnutls: TlsLibrary = {
  name: 'GnuTLS',
  functions: [
    { symbol: 'gnutls_record_send2', action: 'write' },
    { symbol: 'gnutls_record_send', action: 'write', unless: 'gnutls_record_send2' },
    { symbol: 'gnutls_record_recv', action: 'read' },
    { symbol: 'gnutls_deinit', action: 'free' },
    { symbol: 'gnutls_bye', action: 'shutdown' },
  ],
  inner: [],
};

export const TLS_LIBRARIES: readonly TlsLibrary[] = [openssl, gnutls];

/** Every function name of the table: what is looked for in symbol tables. */
export const TLS_FUNCTION_NAMES: ReadonlySet<string> = new Set(
  TLS_LIBRARIES.flatMap(({ functions }) => functions.map(({ symbol }) => symbol)),
);
