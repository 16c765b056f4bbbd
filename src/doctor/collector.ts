/**
 * Layer `collector`: would the configured endpoint take our telemetry? Resolves, connects, shakes hands and posts one
 * empty OTLP request per signal: no content ever leaves, and a collector stores nothing of it.
 */
import { lookup } from 'node:dns/promises';
import net from 'node:net';
import tls from 'node:tls';
import { maskAddresses } from '../config/mask.js';
import type { Signal } from '../config/settings.js';
import { createGrpcTransport } from '../telemetry/otlp/grpc-transport.js';
import { createHttpTransport } from '../telemetry/otlp/http-transport.js';
import { prepareRequest } from '../telemetry/otlp/prepared-request.js';
import { hostOf, portOf } from '../telemetry/otlp/proxy.js';
import type { SendResult } from '../telemetry/otlp/send-result.js';
import type { OtlpSettings, OtlpTarget } from '../telemetry/otlp/settings.js';
import { tlsOptions } from '../telemetry/otlp/tls-files.js';
import type { Notes } from './finding.js';

/** Milliseconds for each step. */
const PATIENCE = 3000;

/** Checks each signal's target; signals that share an address share its first steps. */
export async function checkCollector(settings: OtlpSettings, notes: Notes): Promise<void> {
  const targets = Object.entries(settings.targets) as [Signal, OtlpTarget][];
  for (const warning of settings.warnings) notes.failed('endpoint', warning);
  if (settings.disabled)
    return notes.failed('endpoint', 'OTEL_SDK_DISABLED=true switches all telemetry off', 'unset OTEL_SDK_DISABLED');
  if (targets.length === 0) {
    if (settings.warnings.length === 0) notes.ok('endpoint', 'none is set: the local view receives the calls');
    return;
  }
  const reached = new Map<string, Promise<boolean>>();
  for (const [signal, target] of targets) {
    const { origin } = new URL(target.url);
    const known = reached.get(origin);
    const fine = await (known ?? connect(target, notes));
    if (!known) reached.set(origin, Promise.resolve(fine));
    if (fine) await post(signal, target, notes);
    else if (known) notes.unknown(signal, 'not tried: the address above does not answer');
  }
}

/** Name, port and TLS of one address. */
async function connect(target: OtlpTarget, notes: Notes): Promise<boolean> {
  const url = new URL(target.url);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = portOf(url);
  // The collector's name and port are the proxy's business; the request itself will tell.
  if (target.proxy !== undefined) return connectProxy(new URL(target.proxy), host, notes);
  try {
    const { address } = await lookup(host);
    notes.ok('resolve', `${host} is ${address}`);
  } catch (error) {
    notes.failed(
      'resolve',
      `${host} has no address (${codeOf(error)})`,
      '--endpoint http://HOST:4318, with a host that exists',
    );
    return false;
  }
  const refusal = await tryConnect(host, port);
  if (refusal !== undefined) {
    notes.failed('connect', `${host}:${port}: ${refusal}`, await otherPort(host, port, url.protocol));
    return false;
  }
  notes.ok('connect', `${host}:${port} accepts connections`);
  return url.protocol === 'https:' ? handshake(target, host, port, notes) : true;
}

async function connectProxy(proxy: URL, host: string, notes: Notes): Promise<boolean> {
  const refusal = await tryConnect(hostOf(proxy), portOf(proxy));
  if (refusal === undefined) notes.ok('connect', `${host} is asked for through the proxy ${proxy.host}`);
  else
    notes.failed('connect', `the proxy ${proxy.host}: ${refusal}`, `NO_PROXY=${host}, if the collector needs no proxy`);
  return refusal === undefined;
}

async function handshake(target: OtlpTarget, host: string, port: number, notes: Notes): Promise<boolean> {
  let options: ReturnType<typeof tlsOptions>;
  try {
    options = tlsOptions({ ...target, signal: 'traces', transport: 'http', body: new Uint8Array() });
  } catch (error) {
    notes.failed(
      'tls',
      `a certificate file cannot be read: ${(error as Error).message}`,
      'ls -l the file named by OTEL_EXPORTER_OTLP_CERTIFICATE',
    );
    return false;
  }
  const failure = await new Promise<NodeJS.ErrnoException | undefined>(resolve => {
    const name = net.isIP(host) ? {} : { servername: host };
    const socket = tls.connect({ host, port, ...name, ...options }, () => done(undefined));
    const timer = setTimeout(() => done(new Error(`no TLS answer within ${PATIENCE} ms`)), PATIENCE);
    const done = (error: Error | undefined) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(error);
    };
    socket.on('error', done);
  });
  if (!failure) {
    notes.ok('tls', 'the certificate is trusted');
    return true;
  }
  const plain = /wrong version number|packet length too long|EPROTO/i.test(`${failure.code} ${failure.message}`);
  if (plain) notes.failed('tls', `${host}:${port} does not speak TLS`, `--endpoint http://${host}:${port}`);
  else
    notes.failed(
      'tls',
      `${failure.code ?? failure.message}`,
      'OTEL_EXPORTER_OTLP_CERTIFICATE=/path/of/the/collector/ca.pem',
    );
  return false;
}

/** One empty request, by the exporter's own transport: what works here works later. */
async function post(signal: Signal, target: OtlpTarget, notes: Notes): Promise<void> {
  const result = await sendEmpty(signal, { ...target, timeout: Math.min(target.timeout, PATIENCE) });
  const where = `${target.protocol} ${printable(target.url)}`;
  if (result.kind === 'sent') return notes.ok(signal, `${where} took an empty request`);
  const url = new URL(target.url);
  const other = target.protocol === 'grpc' ? 'http/protobuf' : 'grpc';
  const spoken = await sendEmpty(signal, {
    ...target,
    protocol: other,
    timeout: PATIENCE,
    url: otherUrl(url, signal, other),
  });
  if (spoken.kind === 'sent')
    return notes.failed(signal, `${where}: ${result.reason}, but it speaks ${other}`, `--protocol ${other}`);
  notes.failed(signal, `${where}: ${result.reason}`, fixOf(result.reason, url, signal));
}

async function sendEmpty(signal: Signal, target: OtlpTarget): Promise<SendResult> {
  const json = target.protocol === 'http/json';
  const message = json ? Buffer.from('{}') : new Uint8Array();
  const request = prepareRequest(signal, target, json ? 'application/json' : 'application/x-protobuf', message);
  const transport = request.transport === 'grpc' ? createGrpcTransport() : createHttpTransport();
  // The transport's sockets and timers hold no event loop: they were written for other people's programs.
  const hold = setTimeout(() => {}, target.timeout + 1000);
  const result = await transport.send(request);
  clearTimeout(hold);
  transport.close();
  return result;
}

function otherUrl(url: URL, signal: Signal, protocol: OtlpTarget['protocol']): string {
  return protocol === 'grpc' ? url.origin : new URL(`/v1/${signal}`, url).href;
}

function fixOf(reason: string, url: URL, signal: Signal): string {
  if (/\b(401|403|UNAUTHENTICATED|PERMISSION_DENIED|status (7|16))\b/.test(reason)) {
    return '--headers-file FILE with the authorization header that the collector wants';
  }
  if (/\b(404|405|UNIMPLEMENTED|status 12)\b/.test(reason)) {
    return url.pathname === `/v1/${signal}`
      ? `--endpoint with the port of an OTLP receiver: what answers on ${url.host} is none`
      : `--endpoint ${url.origin}, without a path: /v1/${signal} is added by us`;
  }
  if (/\b(429|502|503|504)\b/.test(reason)) return 'look at the collector: it answers, and says that it is overloaded';
  return `curl -v ${printable(url.href)}`;
}

/** Undefined when the port accepts, else the reason in a few words. */
function tryConnect(host: string, port: number): Promise<string | undefined> {
  return new Promise(resolve => {
    const socket = net.connect({ host, port });
    const timer = setTimeout(() => done(`no answer within ${PATIENCE} ms`), PATIENCE);
    const done = (reason: string | undefined) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(reason);
    };
    socket.on('connect', () => done(undefined));
    socket.on('error', error => done(codeOf(error) === 'ECONNREFUSED' ? 'nothing listens there' : codeOf(error)));
  });
}

/** A dead port with a living neighbour is the commonest mistake. */
async function otherPort(host: string, port: number, scheme: string): Promise<string> {
  for (const candidate of [4318, 4317]) {
    if (candidate !== port && (await tryConnect(host, candidate)) === undefined) {
      return `--endpoint ${scheme}//${host}:${candidate}${candidate === 4317 ? ' --protocol grpc' : ''}`;
    }
  }
  return `start the collector, or --endpoint ${scheme}//HOST:4318`;
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? (error as Error).message;
}

/** Without credentials: a query may hold a key, too. */
function printable(text: string): string {
  const url = new URL(text);
  url.search = '';
  return maskAddresses(url.href);
}
