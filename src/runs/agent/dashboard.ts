/**
 * OpenLIT's dashboard by polling: what is reported, what is asked for. Outbound only. It may be away for as long as it likes:
 * nothing is withdrawn then, and it is asked again later and later, each agent at its own time.
 */
import { delayAfter, type Jitter } from '../../agent/back-off.js';
import { type DashboardAnswer, readAnswer } from '../../agent/dashboard/answer.js';
import type { Poll } from '../../agent/dashboard/poll.js';
import { DEFAULT_POLICY } from '../../agent/policy.js';

export interface DashboardOptions {
  readonly url: string;
  readonly apiKey?: string;
  readonly jitter: Jitter;
  /** The body of the next poll; undefined: this agent does not act here, and does not report either. */
  readonly body: (configHash: string) => Poll | undefined;
  readonly answered: (answer: DashboardAnswer) => void;
  readonly note: (line: string) => void;
}

export interface Dashboard {
  readonly ok: number;
  readonly failed: number;
  /** ms; absent: it has never answered. */
  readonly lastOk: number | undefined;
  /** Something that it waits for has happened. */
  hurry(): void;
  close(): void;
}

/** Milliseconds. */
const INTERVAL = 60_000;
const TIMEOUT = 30_000;
/** Within which the first polls of agents that started together are spread, and the share by which later ones are. */
const FIRST = 2_000;
const SPREAD = 0.1;
/** Two polls are never closer. */
const CLOSEST = 5_000;
const BACK_OFF = { ...DEFAULT_POLICY, backOff: { first: 5_000, most: 300_000, jitter: 0.5 } };
/** Bytes of an answer: 500 actions have less than one MiB. */
const MOST = 16 * 1024 * 1024;

/** @param pace for tests: divides every delay */
export function startDashboard(options: DashboardOptions, pace = 1): Dashboard {
  const { jitter, note } = options;
  const address = new URL('api/controller/poll', options.url.endsWith('/') ? options.url : `${options.url}/`);
  const closing = new AbortController();
  let configHash = '';
  let interval = INTERVAL;
  let failures = 0;
  let polls = 0;
  let ok = 0;
  let failed = 0;
  let lastOk: number | undefined;
  let lastPoll = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;
  let busy = false;
  let told = '';

  const later = (delay: number): void => {
    if (closing.signal.aborted) return;
    clearTimeout(timer);
    timer = setTimeout(() => void poll(), delay / pace);
    timer.unref();
  };
  const nextDelay = (): number => {
    if (failures > 0) return delayAfter(failures, `poll ${polls}`, BACK_OFF, jitter);
    return interval * (1 - SPREAD * jitter(`poll ${polls}`));
  };
  const poll = async (): Promise<void> => {
    const body = options.body(configHash);
    if (!body) return later(nextDelay());
    polls++;
    busy = true;
    lastPoll = performance.now();
    try {
      const answer = await ask(address, body, options.apiKey, closing.signal);
      configHash = answer.configHash;
      if (answer.config?.interval !== undefined) interval = answer.config.interval;
      if (failures > 0 || ok === 0) note(`the dashboard ${address.origin} answers`);
      failures = 0;
      ok++;
      lastOk = Date.now();
      told = '';
      options.answered(answer);
    } catch (error) {
      if (closing.signal.aborted) return;
      failures++;
      failed++;
      const why = reasonOf(error as Error);
      if (why !== told) note(`the dashboard ${address.origin} does not answer: ${why}; what was asked for stays`);
      told = why;
    } finally {
      busy = false;
      later(nextDelay());
    }
  };

  later(FIRST * jitter('first poll'));
  return {
    get ok() {
      return ok;
    },
    get failed() {
      return failed;
    },
    get lastOk() {
      return lastOk;
    },
    hurry() {
      if (!busy && failures === 0 && ok > 0) later(Math.max(0, CLOSEST - (performance.now() - lastPoll) * pace));
    },
    close() {
      clearTimeout(timer);
      closing.abort();
    },
  };
}

/** A status that is not 200, in words. */
class Refused extends Error {}

const STATUS_WORDS: Readonly<Record<number, string>> = {
  401: 'it refuses the API key (OPENLIT_API_KEY, --api-key)',
  403: 'it refuses the API key (OPENLIT_API_KEY, --api-key)',
  404: 'there is no controller API at this address (--dashboard)',
  503: 'nobody has set it up yet',
};

const ELSEWHERE = 'it sends to another address, which is not followed: name that one (--dashboard)';

async function ask(
  address: URL,
  body: Poll,
  apiKey: string | undefined,
  signal: AbortSignal,
): Promise<DashboardAnswer> {
  const response = await fetch(address, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      // Without a key it is not sent at all: an empty one is refused where none is needed.
      ...(apiKey && { authorization: `Bearer ${apiKey}` }),
    },
    body: JSON.stringify(body),
    // The key is for this address.
    redirect: 'manual',
    signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT)]),
  });
  const text = await readBody(response);
  if (response.status !== 200) {
    const elsewhere = response.status >= 300 && response.status < 400;
    const said = elsewhere ? ELSEWHERE : (STATUS_WORDS[response.status] ?? errorOf(text));
    throw new Refused(said === undefined ? `status ${response.status}` : `status ${response.status}: ${said}`);
  }
  return readAnswer(text);
}

async function readBody({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.length;
    if (size > MOST) throw new Error('its answer is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function errorOf(text: string): string | undefined {
  try {
    const { error } = JSON.parse(text) as { error?: unknown };
    return typeof error === 'string' ? error.slice(0, 200) : undefined;
  } catch {
    return undefined;
  }
}

function reasonOf(error: Error): string {
  if (error instanceof Refused) return error.message;
  if (error.name === 'TimeoutError') return `no answer within ${TIMEOUT / 1000} s`;
  const { code, message } = (error.cause ?? error) as NodeJS.ErrnoException;
  return code ?? message;
}
