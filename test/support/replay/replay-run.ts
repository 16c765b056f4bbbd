/** Recorded exchanges through real clients of running processes, observed by `attach`, collected by a real OTLP receiver. */
import { attach, type Lines } from '../../attach/attached.js';
import type { Case } from '../corpus.js';
import { type FlatMetricPoint, type FlatSpan, startOtlpReceiver } from '../otlp-receiver.js';
import { type Answer, answerOf, type Pace } from './answers.js';
import { type ClientCall, givenHeaders, jsonOf } from './client-jobs.js';
import { openProviderNetwork, type Served } from './provider-network.js';
import { startTalker, type Talker } from './talker.js';

export interface Job extends Case {
  readonly call: ClientCall;
  /** Python only: the client's async form. */
  readonly asynchronous?: boolean;
}

export interface Replayed {
  readonly job: Job;
  /** Absent: the client refused to make this request, with `refusal`. */
  readonly served?: Served;
  readonly refusal?: string;
  /** Spans that began with this request. */
  readonly spans: readonly FlatSpan[];
  /** The client sent the recorded body. */
  readonly sameBody: boolean;
  readonly answer: Answer;
}

export interface ReplayOptions {
  readonly jobs: readonly Job[];
  /** The program that makes the calls. */
  readonly program: readonly string[];
  /** An interpreter with `cryptography`, which makes the certificate. */
  readonly python: string;
  readonly pace: Pace;
  /** Further words for attach. */
  readonly flags?: readonly string[];
  /** Awaited when all calls are made and the client still runs. */
  readonly beforeEnd?: () => Promise<void>;
  /** On top of the client's environment. */
  readonly env?: NodeJS.ProcessEnv;
}

export interface ReplayResult {
  readonly calls: readonly Replayed[];
  /** Spans that belong to no job. */
  readonly stray: readonly FlatSpan[];
  readonly metrics: readonly FlatMetricPoint[];
  readonly unexpected: readonly string[];
  readonly errors: readonly string[];
}

export async function replay({
  jobs,
  program,
  python,
  pace,
  flags = [],
  env = {},
  beforeEnd,
}: ReplayOptions): Promise<ReplayResult> {
  const hosts = jobs.map(({ exchange }) => exchange.host ?? 'localhost');
  const network = await openProviderNetwork(hosts, python);
  const receiver = await startOtlpReceiver();
  let client: Talker | undefined;
  let observer: Lines | undefined;
  try {
    client = startTalker(...network.inside(program), { ...network.env, ...env });
    const { ready } = await client.next();
    observer = await attach([ready], ['--capture-content=span', '--endpoint', receiver.url, ...flags]);
    const made: Omit<Replayed, 'spans'>[] = [];
    for (const [index, job] of jobs.entries()) {
      const answer = answerOf(job.exchange, pace);
      let error: string | undefined;
      const served = await network.serve(`${index}`, answer, async () => {
        client!.say(
          clientJob(`${index}`, job, network.url(job.exchange.host ?? 'localhost', job.exchange.path ?? '/')),
        );
        ({ error } = await client!.next());
      });
      made.push({
        job,
        sameBody: served !== undefined && sameJson(served.body, job.exchange.requestBody),
        answer,
        ...(served === undefined ? { refusal: error ?? 'no request' } : { served }),
      });
    }
    await beforeEnd?.();
    await client.end();
    await observer.exited;
    const { owned, stray } = assign(receiver.spans, made, pace.first);
    return {
      calls: made.map((each, index) => ({ ...each, spans: owned[index]! })),
      stray,
      metrics: receiver.metrics,
      unexpected: network.unexpected,
      errors: observer.errors,
    };
  } finally {
    client?.kill();
    await observer?.kill();
    await network.close();
    await receiver.close();
  }
}

function clientJob(id: string, { call, exchange, asynchronous }: Job, url: string) {
  const { library, body } = call;
  const headers = givenHeaders(exchange);
  if (library !== 'httpx') return { id, library, url, body, headers, asynchronous };
  const type = exchange.requestHeaders?.['content-type'];
  return {
    id,
    library,
    url,
    method: exchange.method,
    raw: Buffer.from(exchange.requestBody ?? []).toString('base64'),
    headers: type === undefined ? headers : { ...headers, 'content-type': type },
  };
}

/**
 * A client that makes one request after the other: a span belongs to the first one received after its start. The wall
 * clocks of observer and server may disagree, and step, by almost as much as the server waits before an answer.
 * @param pause milliseconds of that waiting
 */
export function assign(spans: readonly FlatSpan[], made: readonly Pick<Replayed, 'served'>[], pause: number) {
  const tolerance = BigInt(Math.round(pause * 0.8e6));
  const owned: FlatSpan[][] = made.map(() => []);
  const stray: FlatSpan[] = [];
  for (const span of spans) {
    const index = made.findIndex(({ served }) => served !== undefined && span.start <= served.unix + tolerance);
    (owned[index] ?? stray).push(span);
  }
  return { owned, stray };
}

function sameJson(sent: Buffer, recorded: Uint8Array | undefined): boolean {
  const [one, other] = [jsonOf(sent), jsonOf(recorded)];
  if (one === undefined || other === undefined) return sent.equals(Buffer.from(recorded ?? []));
  return canonical(one) === canonical(other);
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([one], [other]) => (one < other ? -1 : 1)))
      : inner,
  );
}
