/** What an observation is told: whom to observe, how, and where what it sees goes. */
import type { ProcessIdentity } from '../machine/identity.js';
import type { OpenExchange } from '../wire/exchange.js';
import type { FamilyOptions } from './family.js';
import type { LinkKind } from './kernel/programs.js';
import type { FindTls } from './sources/plan.js';

/** Takes exchanges somewhere. */
export interface ExchangeSink {
  readonly open: OpenExchange;
  /** A process is observed from now on; said again when it became another program (exec). */
  process?(facts: ProcessIdentity): void;
  /** The process has ended and all of its exchanges were delivered. */
  ended?(facts: ProcessIdentity): void;
  /** The observation is over: everything goes out. */
  finish(): Promise<void>;
}

export interface ObservationOptions {
  readonly pids: readonly number[];
  readonly ringSize: number;
  readonly follow: boolean;
  /** Why a child that is there already is left out; undefined: it is observed. */
  readonly leaveOut?: (pid: number) => string | undefined;
  /** Whether a program that somebody observed has started is observed from inside, so that it is only followed. */
  readonly hooked?: FamilyOptions['hooked'];
  /** Goes on when no process is left: more are added later. */
  readonly waits?: boolean;
  readonly link?: LinkKind;
  /** Looks into files for TLS code; absent: without a memory of earlier observations. */
  readonly find?: FindTls;
  /** Our limit of open files stays as it is. */
  readonly keepFileLimit?: boolean;
  /** Bytes of memory beyond which the largest unfinished exchange is given up. */
  readonly memoryLimit?: number;
  /** File for the records. */
  readonly record?: string;
  readonly sink: ExchangeSink;
  /** One line for stderr. */
  readonly say: (line: string) => void;
  /** At each look into the ring: the share of it that waits to be read, 0 to 1. */
  readonly backlog?: (share: number) => void;
  /** The observation ends now: what follows should not take long. */
  readonly leaving?: () => void;
  /**
   * The line that scripts wait for: it begins with `attached`, and the probes of its process are live.
   * @param child nobody named this process: it was found beside or below one
   */
  readonly attached: (line: string, child: boolean) => void;
  /** A process that nobody named is observed since its birth, or since its parent was. */
  readonly child?: (pid: number, parent: number) => void;
}
