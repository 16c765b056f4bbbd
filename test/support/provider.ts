/** The replaying provider of `examples/provider`, with types for tests. */
import path from 'node:path';

export interface ProviderOptions {
  tls?: boolean;
  /** h2 by ALPN beside HTTP/1.1 with `tls`; h2c by prior knowledge without. */
  http2?: boolean;
  /** Folder of `<provider>/<case>.json`; default `test/fixtures/wire`. */
  fixtures?: string;
  port?: number;
  host?: string;
  /** What is compressed when the client accepts it; default `bodies` (whole bodies, not streams). */
  compress?: 'none' | 'bodies' | 'all';
}

export interface ProviderRequest {
  method: string;
  path: string;
  host?: string;
  headers: Record<string, string>;
  body: Buffer;
  json: unknown;
  protocol: 'h2' | 'http/1.1';
  /** `provider/case` that answered; absent: 404. */
  fixture?: string;
  /** The client went before the answer ended. */
  aborted: boolean;
}

export interface Provider {
  url: string;
  port: number;
  requests: ProviderRequest[];
  close(): Promise<void>;
}

const module = await import(path.resolve(import.meta.dirname, '../../examples/provider/server.mjs'));

/** Trust this file (`NODE_EXTRA_CA_CERTS`, `SSL_CERT_FILE`) to reach a `tls` provider. */
export const CA_FILE: string = module.CA_FILE;

export const startProvider: (options?: ProviderOptions) => Promise<Provider> = module.startProvider;
