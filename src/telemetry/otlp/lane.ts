/**
 * The bounded queue of one signal and the loop that empties it: batches, one request at a time, retries with back-off. A
 * dead collector costs memory up to the bound and nothing else; what does not fit is counted.
 */
import type { Signal } from '../../config/settings.js';
import type { Fragment, FragmentGroup } from './encoding.js';
import type { PreparedRequest } from './prepared-request.js';
import type { SendResult } from './send-result.js';

export interface LaneLimits {
  /** Items, what is being sent included. */
  readonly queueSize: number;
  readonly queueBytes: number;
  readonly batchSize: number;
  readonly batchBytes: number;
  /** Milliseconds that the first item waits for others. */
  readonly batchDelay: number;
}

export interface LaneStats {
  /** Accepted by the collector. */
  exported: number;
  /** Did not fit the queue, were refused by the collector, or were left at the end. */
  dropped: number;
  queued: number;
}

export interface LaneHooks {
  prepare(groups: readonly FragmentGroup[]): PreparedRequest;
  send(request: PreparedRequest, onHandedOver: () => void): Promise<SendResult>;
  /** A problem for the user; the receiver says each kind once. */
  problem(kind: 'unreachable' | 'refused' | 'rejected' | 'full', reason: string): void;
  recovered(): void;
}

interface Item {
  readonly resource: Fragment;
  readonly bytes: Fragment;
  /** A newer item of the same resource with the same key makes this one useless (a cumulative metric). */
  readonly key: string | undefined;
}

const FIRST_RETRY_DELAY = 500;
/** While somebody waits for a flush, which ends soon. */
const URGENT_RETRY_DELAY = 100;
const FAILURES_TO_GIVE_UP = 2;
/** Attempts that the collector had in full and did not answer: more than a minute of them at the usual 10 s. */
const MOST_UNANSWERED = 8;
const LONGEST_RETRY_DELAY = 5_000;
/** A collector may ask for more patience than our own back-off has, but not for ever. */
const LONGEST_RETRY_AFTER = 120_000;

export class Lane {
  readonly stats: LaneStats = { exported: 0, dropped: 0, queued: 0 };
  private waiting: Item[] = [];
  private sending: Item[] = [];
  private bytes = 0;
  private batchBytes: number;
  private running: Promise<void> | undefined;
  private wake: (() => void) | undefined;
  /** Whoever waits for a drain, told of each failure to reach the collector. While there is one, delays are short. */
  private readonly waiters = new Set<() => void>();
  private closed = false;

  constructor(
    readonly signal: Signal,
    private readonly limits: LaneLimits,
    private readonly hooks: LaneHooks,
  ) {
    this.batchBytes = limits.batchBytes;
  }

  /** Takes an item or counts it as dropped; never blocks, never throws. */
  offer(resource: Fragment, bytes: Fragment, key?: string): void {
    if (key !== undefined) this.forget(resource, key);
    const full =
      this.stats.queued >= this.limits.queueSize ||
      (this.bytes + bytes.length > this.limits.queueBytes && this.stats.queued > 0);
    if (this.closed || full) {
      this.stats.dropped += 1;
      if (full) this.hooks.problem('full', `${this.stats.queued} items, ${this.bytes} bytes`);
      return;
    }
    this.waiting.push({ resource, bytes, key });
    this.stats.queued += 1;
    this.bytes += bytes.length;
    if (this.running === undefined) this.run();
    else if (this.waiting.length >= this.limits.batchSize && this.sending.length === 0) this.wake?.();
  }

  /**
   * Sends what is there without waiting for more. Resolves when nothing is left, when `deadline` does, or when the collector
   * could not be reached twice: a program that ends must not wait for one that is gone.
   */
  async drain(deadline: Promise<unknown>): Promise<void> {
    if (this.running === undefined) return;
    let failures = 0;
    let giveUp = (): void => {};
    const gone = new Promise<void>(resolve => {
      giveUp = resolve;
    });
    const onFailure = (): void => {
      failures += 1;
      if (failures === FAILURES_TO_GIVE_UP) giveUp();
    };
    this.waiters.add(onFailure);
    this.wake?.();
    await Promise.race([this.running, deadline, gone]);
    this.waiters.delete(onFailure);
  }

  /** Stops; what is left counts as dropped. */
  close(): void {
    this.closed = true;
    this.wake?.();
    this.stats.dropped += this.stats.queued;
    this.stats.queued = 0;
    this.bytes = 0;
    this.waiting = [];
    this.sending = [];
  }

  private run(): void {
    this.running = this.loop().finally(() => {
      this.running = undefined;
      // An item may have come between the loop's last look and this line.
      if (this.waiting.length > 0 && !this.closed) this.run();
    });
  }

  private async loop(): Promise<void> {
    while (this.waiting.length > 0 && !this.closed) {
      if (this.waiters.size === 0 && this.waiting.length < this.limits.batchSize)
        await this.sleep(this.limits.batchDelay);
      this.sending = this.cut(this.waiting);
      try {
        await this.deliver();
      } catch (error) {
        // A fault of ours must not become an unhandled rejection, which would end the program.
        this.refused((error as Error).message);
      }
      this.release(this.sending);
      this.sending = [];
    }
  }

  private async deliver(): Promise<void> {
    let request = this.hooks.prepare(groups(this.sending));
    let unanswered = 0;
    for (let attempt = 0; !this.closed; attempt += 1) {
      let handedOver = false;
      const result = await this.hooks.send(request, () => {
        handedOver = true;
      });
      if (this.closed) return;
      if (result.kind === 'sent') return this.sent(result);
      if (result.kind === 'refused') {
        if (!result.tooLarge || this.sending.length < 2) return this.refused(result.reason);
        this.halve();
        request = this.hooks.prepare(groups(this.sending));
        continue;
      }
      // It has the bytes and may have taken them: each further try could count the same calls once more.
      if (handedOver && !result.busy) unanswered += 1;
      if (unanswered >= MOST_UNANSWERED) return this.refused(result.reason);
      if (!result.busy || attempt > 0) this.hooks.problem('unreachable', result.reason);
      if (!result.busy) for (const tell of this.waiters) tell();
      const first = this.waiters.size > 0 ? URGENT_RETRY_DELAY : FIRST_RETRY_DELAY;
      await this.sleep(delay(attempt, result.after, first));
    }
  }

  private sent({ rejected, message }: SendResult & { kind: 'sent' }): void {
    const { length } = this.sending;
    const lost = Math.min(rejected, length);
    this.stats.exported += length - lost;
    this.stats.dropped += lost;
    this.hooks.recovered();
    if (lost > 0) this.hooks.problem('rejected', message ?? `${lost} items`);
  }

  private refused(reason: string): void {
    this.stats.dropped += this.sending.length;
    this.hooks.problem('refused', reason);
  }

  /** A proxy in front may allow 1 MiB only: the second half goes back, and later batches stay as small as the first. */
  private halve(): void {
    this.waiting.unshift(...this.sending.splice(Math.ceil(this.sending.length / 2)));
    this.batchBytes = this.sending.reduce((sum, item) => sum + item.bytes.length, 0);
  }

  /** Takes the next batch off the front of `items`. */
  private cut(items: Item[]): Item[] {
    let bytes = 0;
    let count = 0;
    while (count < items.length && count < this.limits.batchSize) {
      bytes += (items[count] as Item).bytes.length;
      if (count > 0 && bytes > this.batchBytes) break;
      count += 1;
    }
    return items.splice(0, count);
  }

  private release(items: readonly Item[]): void {
    if (this.closed) return;
    this.stats.queued -= items.length;
    for (const item of items) this.bytes -= item.bytes.length;
  }

  private forget(resource: Fragment, key: string): void {
    const at = this.waiting.findIndex(item => item.key === key && item.resource === resource);
    if (at < 0) return;
    this.release(this.waiting.splice(at, 1));
  }

  private sleep(milliseconds: number): Promise<void> {
    return new Promise(resolve => {
      const timer = setTimeout(() => this.wake?.(), milliseconds);
      timer.unref();
      this.wake = () => {
        clearTimeout(timer);
        this.wake = undefined;
        resolve();
      };
    });
  }
}

/** Exponential with full jitter on its upper half, so that many programs do not come back at once. */
function delay(attempt: number, after: number | undefined, first: number): number {
  if (after !== undefined) return Math.min(after, LONGEST_RETRY_AFTER);
  const ceiling = Math.min(first * 2 ** attempt, LONGEST_RETRY_DELAY);
  return ceiling / 2 + (Math.random() * ceiling) / 2;
}

/** Neighbours of one resource share its envelope. */
function groups(items: readonly Item[]): FragmentGroup[] {
  const found = new Map<Fragment, Fragment[]>();
  for (const item of items) {
    const known = found.get(item.resource);
    if (known === undefined) found.set(item.resource, [item.bytes]);
    else known.push(item.bytes);
  }
  return [...found].map(([resource, bytes]) => ({ resource, items: bytes }));
}
