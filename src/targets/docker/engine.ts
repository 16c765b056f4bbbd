/** The HTTP interface of Docker, and of Podman where it speaks Docker's, over its unix socket. */
import { existsSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { EXIT_STATUS, Problem } from '../../errors.js';

/** Old enough for every engine of today: Docker 20.10, Podman 4. */
const API = '/v1.41';
/** Podman's own interface, beside the one that speaks Docker's. */
const LIBPOD = '/v4.0.0';

/** Milliseconds without a byte; a stop waits for the container's own time on top. */
const PATIENCE = 120_000;

export type EngineKind = 'docker' | 'podman';

export interface Answer {
  readonly status: number;
  readonly body: Buffer;
}

export interface Engine {
  readonly kind: EngineKind;
  readonly socket: string;
  /** The document; undefined where there is none (404). @throws Error with what the engine said */
  get<T>(path: string): Promise<T | undefined>;
  /** @param body JSON, or a tar archive. @throws Error with what the engine said, EngineError */
  send(method: 'POST' | 'PUT' | 'DELETE', path: string, body?: object | Buffer): Promise<Answer>;
  /** Bytes. @throws EngineError */
  archive(path: string): Promise<Buffer>;
}

export class EngineError extends Error {
  override readonly name = 'EngineError';
  constructor(
    message: string,
    readonly status: number,
  ) {
    super(message);
  }
}

/** Where the engine listens: what the environment names, else where it is installed for everybody, else for this user. */
export function socketOf(kind: EngineKind, env: NodeJS.ProcessEnv): string {
  const named = kind === 'docker' ? env['DOCKER_HOST'] : env['CONTAINER_HOST'];
  if (named !== undefined && named !== '') {
    const file = /^unix:\/\/(\/.+)$/.exec(named)?.[1];
    if (file !== undefined) return file;
    throw new Problem({
      code: 'ENGINE_ADDRESS',
      message: `${kind === 'docker' ? 'DOCKER_HOST' : 'CONTAINER_HOST'} does not name a unix socket`,
      reason: 'the hook can only be put into containers of this machine',
      exit: EXIT_STATUS.usage,
    });
  }
  const own = env['XDG_RUNTIME_DIR'];
  const places =
    kind === 'docker'
      ? ['/var/run/docker.sock', ...(own ? [path.join(own, 'docker.sock')] : [])]
      : ['/run/podman/podman.sock', ...(own ? [path.join(own, 'podman/podman.sock')] : [])];
  return places.find(existsSync) ?? places[0]!;
}

export function createEngine(kind: EngineKind, socket: string): Engine {
  const ask = (method: string, target: string, body?: object | Buffer): Promise<Answer> => {
    const payload = body === undefined || Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body));
    const type = Buffer.isBuffer(body) ? 'application/x-tar' : 'application/json';
    return new Promise((resolve, reject) => {
      const request = http.request({
        socketPath: socket,
        method,
        path: `${target.startsWith('/libpod/') ? LIBPOD : API}${target}`,
        // No proxy may stand between: the name is of no importance to an engine.
        headers: { host: 'localhost', ...(payload && { 'content-type': type, 'content-length': payload.length }) },
        agent: false,
        timeout: PATIENCE,
      });
      request.on('timeout', () => request.destroy(new Error(`${kind} does not answer within ${PATIENCE / 1000} s`)));
      request.on('error', error => reject(unreachable(kind, socket, error)));
      request.on('response', response => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks) }));
      });
      request.end(payload);
    });
  };
  return {
    kind,
    socket,
    async get<T>(target: string) {
      const { status, body } = await ask('GET', target);
      if (status === 404) return undefined;
      if (status !== 200) throw refused(kind, status, body);
      return JSON.parse(body.toString()) as T;
    },
    async send(method, target, body) {
      const answer = await ask(method, target, body);
      // 304: it is so already.
      if (answer.status >= 400) throw refused(kind, answer.status, answer.body);
      return answer;
    },
    async archive(target) {
      const { status, body } = await ask('GET', target);
      if (status !== 200) throw refused(kind, status, body);
      return body;
    },
  };
}

function refused(kind: EngineKind, status: number, body: Buffer): EngineError {
  let message = body.toString();
  try {
    message = (JSON.parse(message) as { message?: string }).message ?? message;
  } catch {
    // Not JSON: as it is.
  }
  return new EngineError(`${kind} says ${status}: ${message.trim().slice(0, 500)}`, status);
}

/** What a person can do about it. */
export function unreachable(kind: EngineKind, socket: string, error: NodeJS.ErrnoException): Error {
  const facts = { code: 'ENGINE_UNREACHABLE', message: `${kind} cannot be reached at ${socket}` };
  switch (error.code) {
    case 'EACCES':
    case 'EPERM':
      return new Problem({
        ...facts,
        reason: 'this user may not use the socket, which is as good as root on this machine',
        fixes: [`sudo openlit-instrument inject ${kind} NAME`],
        exit: EXIT_STATUS.missingPrivilegeOrFeature,
      });
    case 'ENOENT':
    case 'ECONNREFUSED':
      return new Problem({
        ...facts,
        reason: error.code === 'ENOENT' ? 'there is no such socket' : 'nobody listens there',
        fixes:
          kind === 'docker'
            ? ['DOCKER_HOST=unix:///path/docker.sock']
            : ['systemctl start podman.socket', 'CONTAINER_HOST=unix:///path/podman.sock'],
        exit: EXIT_STATUS.missingPrivilegeOrFeature,
      });
    default:
      return error instanceof Problem ? error : new Problem({ ...facts, reason: error.message });
  }
}
