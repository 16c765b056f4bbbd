/**
 * The line to the observer of this launch, across its lives: who listens is connected to, else an observer is started; one
 * that dies is started once more, for new exchanges. All of it fails open, and what is wrong is said once.
 */
import type { Socket } from 'node:net';
import type { Answer } from './frames.js';
import { createLink, type Link } from './link.js';
import type { Runtime } from './runtime.js';
import { type TapSettings, tapSettings } from './settings.js';
import { startObserver } from './start-observer.js';

const LIVES = 2;
const DEATH = 'the observer ended; calls that it had not sent are lost';
const NONE: readonly Answer[] = [];

export interface ObserverLine {
  /** Nobody will observe any more. */
  readonly over: boolean;
  /** Somebody is there, or is being connected to. */
  readonly up: boolean;
  /** Counts those that died. */
  readonly life: number;
  /** What is to be said of one that died. */
  readonly death: string | undefined;
  /** The end of this program ends the observer as well, so it is waited for. */
  readonly wait: boolean;
  connect(): void;
  /** As `Link.write`; 0 where nobody is there. */
  write(data: Buffer, from: number, to: number): number;
  answers(): readonly Answer[];
  read(): void;
}

export interface LineEvents {
  /** Somebody new is there: the greeting goes first, and then what waits. */
  greet(): void;
  /** The connection is made by now, and takes bytes. */
  ready(): void;
  /** The observer has died: what it had begun to read is lost. */
  died(): void;
  /** Nothing is handed over any more. */
  stopped(): void;
}

export function createObserverLine(runtime: Runtime, events: LineEvents): ObserverLine {
  let settings: TapSettings | undefined;
  let link: Link | undefined;
  let life = 0;
  let over = false;
  // Connecting to somebody who may not be there: that is no death.
  let asking = false;

  /** The reason is said; none where there is nothing to do about it. */
  function stop(reason?: string): void {
    over = true;
    link = undefined;
    events.stopped();
    if (reason === undefined) return;
    runtime.status('unobserved', reason);
    runtime.notice(`this program's model calls are not observed: ${reason}. Type: openlit-instrument doctor`);
  }

  function safely(run: () => void): void {
    try {
      run();
    } catch (error) {
      stop(`the observer could not be started: ${(error as Error).message}`);
    }
  }

  function adopt(socket: Socket): Link {
    const own: Link = createLink(runtime, socket, () => gone(own));
    return own;
  }

  function gone(which: Link): void {
    if (over || link !== which) return;
    link = undefined;
    if (asking) return;
    life += 1;
    if (life >= LIVES && settings?.retry !== true) stop('the observer ended twice');
    else events.died();
  }

  function greet(socket: Socket): void {
    events.greet();
    link = adopt(socket);
    events.ready();
  }

  function start(): void {
    asking = false;
    const observer = settings?.observer;
    // The local view is gone: there is nobody to tell. In a pod what waits is handed over when somebody comes.
    if (observer === undefined) settings?.retry || stop();
    else greet(startObserver(runtime, observer, settings?.start));
  }

  function connect(): void {
    settings ??= tapSettings(runtime.env);
    if (settings.socket === undefined) return start();
    asking = true;
    const socket = runtime.connect(settings.socket, () => {});
    greet(socket);
    // Nobody listens: the first write has said so.
    if (link === undefined) start();
    else if (!link.slow) asking = false;
    else {
      // The write could not say (mock-fs, Deno); the socket will.
      socket.once('connect', () => {
        asking = false;
        events.ready();
      });
      socket.once('close', () => {
        if (asking) runtime.apart(() => safely(start));
      });
    }
  }

  return {
    get over() {
      return over;
    },
    get up() {
      return link !== undefined;
    },
    get life() {
      return life;
    },
    get death() {
      // A local view that is gone has nobody who would miss them.
      return life > 0 && settings?.observer !== undefined ? DEATH : undefined;
    },
    get wait() {
      return settings?.wait === true;
    },
    connect: () => runtime.apart(() => safely(connect)),
    write: (data, from, to) => link?.write(data, from, to) ?? 0,
    answers: () => link?.answers() ?? NONE,
    read: () => link?.read(),
  };
}
