/**
 * What a folder of wire formats says of itself: where its calls are found, how they look, what they are called. A folder
 * exports one `Family` and has one line in `families.ts`; recognition, the look-ahead of the taps and the table of
 * `docs/providers.md` are derived from there.
 */
import type { Format } from './format.js';
import type { Fields } from './json/fields.js';
import type { SocketFormat } from './sockets/socket-format.js';

/** Path -> wire format, by the end of the path, because gateways put anything in front. */
export interface Route {
  /** End of the path, without the query; empty where the model ends it. Of two ends that fit, the longer one wins. */
  readonly end: string;
  readonly format: Format;
  /** Only at these providers: elsewhere the path is too common to mean anything. */
  readonly only?: readonly string[];
  /** The path must also contain this. */
  readonly contains?: string;
  /** On a host that nobody knows, the answer must prove it. */
  readonly weak?: true;
  /** A GET for a later result, whose id follows the end; else it is a POST. */
  readonly method?: 'GET';
  /** What the taps look for instead, where many web services have such a path: a regular expression; empty: the host alone. */
  readonly lookAhead?: string;
}

/** A WebSocket: a GET that is upgraded, or over HTTP/2 a CONNECT. */
export interface SocketRoute {
  readonly end: string;
  /** The path must also contain this. */
  readonly contains?: string;
  readonly format: SocketFormat;
}

/**
 * Host -> provider. Names are those of the conventions, else the vendor's own, lower-case.
 * @see https://github.com/open-telemetry/semantic-conventions-genai (values of `gen_ai.provider.name`)
 */
export interface HostRow {
  readonly provider: string;
  /** Whole host names. */
  readonly hosts?: readonly string[];
  /** Ends of host names, with the dot; where a `begins` is given, both must hold. */
  readonly ends?: readonly string[];
  readonly begins?: readonly string[];
  /** The row holds only for paths that contain this; such rows are asked before those that hold for the whole host. */
  readonly path?: string;
  /** Many providers behind one host: paths say little, so bodies decide too. */
  readonly gateway?: true;
}

/** Bodies of an exchange whose host and path say nothing: what the request may be, and what the answer proves. */
export interface Shape {
  readonly format: Format;
  fits(body: Fields, provider: string | undefined): boolean;
  /** Whether a whole answer is one of this format, of a call that went well. */
  isAnswer(body: Fields): boolean;
  /** The same of one event of a stream; without it an event has the form of an answer. */
  isEvent?(event: Fields, name: string | undefined): boolean;
  /**
   * What the taps look for: first members of such bodies, each with the characters that its value may begin with. None where
   * web services have such members as well: then only an observer of whole connections sees the call.
   */
  readonly lookAhead: Readonly<Record<string, string>>;
}

/** What tells a call that is neither a route nor a shape: regular expressions that JavaScript and Python read alike. */
export interface LookAhead {
  /** Of the path of a POST. */
  readonly paths?: readonly string[];
  /** Of the path of a GET. */
  readonly getPaths?: readonly string[];
  /** Of the first bytes of a POST's JSON body. */
  readonly bodies?: readonly string[];
  /** Names of request headers. */
  readonly headers?: readonly string[];
}

export interface Family {
  /** For the table of the documentation. */
  readonly title: string;
  /** What of it is decoded, in a few words. */
  readonly reads: string;
  /** First word of a format's name -> who invented it; formats that belong to nobody in particular have none. */
  readonly inventors?: Readonly<Record<string, string>>;
  readonly hosts?: readonly HostRow[];
  /** Port -> provider, on whatever host. */
  readonly ports?: Readonly<Record<number, string>>;
  readonly routes?: readonly Route[];
  readonly sockets?: readonly SocketRoute[];
  readonly shapes?: readonly Shape[];
  readonly lookAhead?: LookAhead;
}
