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

/** A program that never fetches its results must not fill the memory. */
const MOST = 1_000;

/** What one program asked for; shared by the decoders of its connections. */
export class LaterResults {
  readonly #known = new Map<string, Known>();

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

  #remember(key: string, known: Known): void {
    this.#known.delete(key);
    if (this.#known.size >= MOST) this.#known.delete(this.#known.keys().next().value!);
    this.#known.set(key, known);
  }
}

function keyOf(host: string | undefined, { id }: Outcome): string {
  return `${host?.toLowerCase()} ${id}`;
}
