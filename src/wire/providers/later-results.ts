/**
 * Results that are computed in the background: one exchange asks for them, and later ones look whether they are there.
 * Their tokens belong to one call, however often a program looks.
 */

/** What an answer says of such a result. */
export interface Outcome {
  readonly id: string;
  /** Still being computed. */
  readonly open: boolean;
  /** It is said that nobody waits for it; any stored answer can be fetched again, and was told when it was made. */
  readonly background: boolean;
}

/** What was asked for, for the call that tells the result. */
interface Known {
  readonly model: string | undefined;
  told: boolean;
}

/** What a program fetches of a batch. */
export interface Fetched {
  /** With the query, which names the page. */
  readonly path: string;
  /** As its header has it. */
  readonly range: string | undefined;
}

/** A program that never fetches its results must not fill the memory. */
const MOST = 1_000;

/** What one program asked for; shared by the decoders of its connections. */
export class LaterResults {
  readonly #known = new Map<string, Known>();
  /** By file or list of a batch: how many of its results were told, from the first one on. */
  readonly #told = new Map<string, number>();

  /** @returns whether the result is to come with a later exchange */
  asked(host: string | undefined, outcome: Outcome, model: string | undefined): boolean {
    if (!outcome.background) return false;
    this.#remember(keyOf(host, outcome), { model, told: !outcome.open });
    return outcome.open;
  }

  /** @returns what is to be reported with the result; undefined where it is not there, or was told before */
  fetched(host: string | undefined, outcome: Outcome): { readonly model: string | undefined } | undefined {
    const known = this.#known.get(keyOf(host, outcome));
    if (outcome.open || known?.told || (known === undefined && !outcome.background)) return undefined;
    this.#remember(keyOf(host, outcome), { model: known?.model, told: true });
    return { model: known?.model };
  }

  /** @returns how many results of a fetched batch, from the first one on, were told by an earlier fetch */
  toldOf(host: string | undefined, fetched: Fetched): number {
    return this.#told.get(fetchKey(host, fetched)) ?? 0;
  }

  /** @param results that have come, from the first one on */
  tell(host: string | undefined, fetched: Fetched, results: number): void {
    const key = fetchKey(host, fetched);
    put(this.#told, key, Math.max(results, this.#told.get(key) ?? 0));
  }

  #remember(key: string, known: Known): void {
    put(this.#known, key, known);
  }
}

/** The oldest one goes where there is no room. */
function put<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key);
  if (map.size >= MOST) map.delete(map.keys().next().value!);
  map.set(key, value);
}

/** A part of a file, or a page of a list, is one for itself. */
function fetchKey(host: string | undefined, { path, range = '' }: Fetched): string {
  return `${host?.toLowerCase()} ${path} ${range}`;
}

function keyOf(host: string | undefined, { id }: Outcome): string {
  return `${host?.toLowerCase()} ${id}`;
}
