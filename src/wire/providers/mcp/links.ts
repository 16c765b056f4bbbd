/**
 * What belongs to one MCP session but travels in several exchanges: an answer that comes on the listening stream and not on
 * the POST that asked, a request of the server that the client answers by a POST, and the session's beginning and end.
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/transports
 */
import type { ConnectionFacts, PartialReason, UnixNanos } from '../../exchange.js';
import type { McpSession } from '../../llm-call.js';
import type { Fields } from '../json/fields.js';
import { idOf } from './messages.js';

/** Sessions that are remembered, and messages of each that wait: a program that never answers must not fill the memory. */
const MOST_LINKS = 1_000;
const MOST_WAITING = 256;

/** A request of ours that may be answered on the stream. */
export interface Waiting {
  answered(answer: Fields, at: UnixNanos): void;
  /** Nothing will come any more; the reason where it is ours. */
  givenUp(reason?: PartialReason): void;
}

/** A request of the other side, seen at this time. */
export interface Asked {
  readonly message: Fields;
  readonly at: UnixNanos;
}

/** One session, as one process sees it. */
export class McpLink {
  /** Open listening streams. */
  listening = 0;
  readonly #waiting = new Map<string, Waiting>();
  readonly #asked = new Map<string, Asked>();

  expect(id: string, waiting: Waiting): void {
    makeRoom(this.#waiting)?.givenUp('truncated');
    this.#waiting.set(id, waiting);
  }

  forget(id: string): void {
    this.#waiting.delete(id);
  }

  answer(message: Fields, at: UnixNanos): void {
    const id = idOf(message)!;
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    waiting?.answered(message, at);
  }

  ask(message: Fields, at: UnixNanos): void {
    makeRoom(this.#asked);
    this.#asked.set(idOf(message)!, { message, at });
  }

  /** The request of the other side that this id answers. */
  takeAsked(id: string): Asked | undefined {
    const asked = this.#asked.get(id);
    this.#asked.delete(id);
    return asked;
  }

  /** The stream is over; without another one nobody can be answered any more. */
  stopListening(reason?: PartialReason): void {
    this.listening -= 1;
    if (this.listening <= 0) this.close(reason);
  }

  close(reason?: PartialReason): void {
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const each of waiting) each.givenUp(reason);
  }
}

/** The session that `initialize` began, until its DELETE. */
type Begun = Omit<McpSession, 'end'>;

/** All sessions that one decoder sees. */
export class McpLinks {
  readonly #links = new Map<string, McpLink>();
  readonly #begun = new Map<string, Begun>();

  /** @param name the session's id, or the path of its endpoint where it has none */
  find(connection: ConnectionFacts, host: string | undefined, name: string): McpLink | undefined {
    // Asked at every JSON request; most programs have no session.
    return this.#links.size === 0 ? undefined : this.#links.get(keyOf(connection, host, name));
  }

  open(connection: ConnectionFacts, host: string | undefined, name: string): McpLink {
    const key = keyOf(connection, host, name);
    let link = this.#links.get(key);
    if (link === undefined) {
      makeRoom(this.#links, MOST_LINKS)?.close('truncated');
      link = new McpLink();
      this.#links.set(key, link);
    }
    return link;
  }

  begin(connection: ConnectionFacts, host: string | undefined, begun: Begun): void {
    makeRoom(this.#begun, MOST_LINKS);
    this.#begun.set(keyOf(connection, host, begun.sessionId ?? ''), begun);
  }

  /** The session, where its beginning was seen. */
  end(
    connection: ConnectionFacts,
    host: string | undefined,
    sessionId: string,
    end: UnixNanos,
  ): McpSession | undefined {
    const key = keyOf(connection, host, sessionId);
    const begun = this.#begun.get(key);
    this.#begun.delete(key);
    this.#links.get(key)?.close();
    this.#links.delete(key);
    return begun === undefined ? undefined : { ...begun, end };
  }
}

function keyOf({ pid, role }: ConnectionFacts, host: string | undefined, name: string): string {
  return `${pid ?? ''} ${role} ${host ?? ''} ${name}`;
}

/** Takes the oldest out of a full map. */
function makeRoom<T>(map: Map<string, T>, most = MOST_WAITING): T | undefined {
  if (map.size < most) return undefined;
  const [key, oldest] = map.entries().next().value as [string, T];
  map.delete(key);
  return oldest;
}
