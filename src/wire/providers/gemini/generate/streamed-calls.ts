/**
 * Function calls whose arguments are streamed: a part with the name opens the call, parts without a name carry single
 * values by their JSON path, and one that does not continue closes it.
 * @see https://cloud.google.com/vertex-ai/generative-ai/docs/multimodal/function-calling
 */
import type { Choice, ToolDraft } from '../../choice.js';
import { type Fields, fields, isFields, items, text } from '../../json/fields.js';
import { member } from '../names.js';

type Container = Record<string, unknown> | unknown[];

/** The places of a path: `$.recipe.steps[0]['a b']`. */
const PLACE = /\.([^.[\]]+)|\[(\d+)\]|\['([^']*)'\]|\["([^"]*)"\]/y;
/** Deeper paths than any schema has; a hostile one must not make a tree. */
const DEPTH_LIMIT = 64;

interface OpenCall {
  readonly tool: ToolDraft;
  readonly args: Record<string, unknown>;
  /** Path whose text goes on in the next piece. */
  continuing: string | undefined;
  /** Characters of all pieces. */
  size: number;
}

export class StreamedCalls {
  readonly #open = new Map<Choice, OpenCall>();
  readonly #limit: number;

  /** @param limit characters of arguments that are collected of one call; what exceeds them is left out */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Reads a `functionCall`. @returns false when it is whole, and this is not about it */
  read(call: Fields, choice: Choice): boolean {
    const name = text(call.name);
    const pieces = items(member(call, 'partialArgs'));
    const goesOn = member(call, 'willContinue') === true;
    if (name !== undefined) {
      this.#close(choice);
      if (!goesOn && pieces.length === 0) return false;
      const tool = choice.toolCall(undefined, { id: text(call.id), name });
      this.#open.set(choice, { tool, args: { ...fields(call.args) }, continuing: undefined, size: 0 });
    }
    const open = this.#open.get(choice);
    if (open === undefined) return false;
    for (const piece of pieces) this.#add(fields(piece), open);
    if (!goesOn) this.#close(choice);
    return true;
  }

  /** The stream has ended, perhaps within a call. */
  end(): void {
    for (const choice of [...this.#open.keys()]) this.#close(choice);
  }

  #close(choice: Choice): void {
    const open = this.#open.get(choice);
    if (open === undefined) return;
    this.#open.delete(choice);
    choice.argueWhole(open.tool, JSON.stringify(open.args));
  }

  #add(piece: Fields, open: OpenCall): void {
    const path = text(member(piece, 'jsonPath'));
    const value = pieceValue(piece);
    if (path === undefined || value === undefined || open.size > this.#limit) return;
    open.size += path.length + (typeof value === 'string' ? value.length : 1);
    const goesOn = open.continuing === path;
    open.continuing = member(piece, 'willContinue') === true ? path : undefined;
    const places = placesOf(path);
    if (places === undefined) return;
    put(open.args, places, before => (goesOn && typeof before === 'string' ? `${before}${value}` : value));
  }
}

function pieceValue(piece: Fields): unknown {
  if (Object.hasOwn(piece, 'nullValue') || Object.hasOwn(piece, 'null_value')) return null;
  return member(piece, 'stringValue') ?? member(piece, 'numberValue') ?? member(piece, 'boolValue');
}

function placesOf(path: string): (string | number)[] | undefined {
  const places: (string | number)[] = [];
  PLACE.lastIndex = 1;
  while (PLACE.lastIndex < path.length) {
    const found = PLACE.exec(path);
    if (found === null || places.length === DEPTH_LIMIT) return undefined;
    places.push(found[2] === undefined ? (found[1] ?? found[3] ?? found[4])! : Number(found[2]));
  }
  return path.startsWith('$') && places.length > 0 ? places : undefined;
}

/** Sets what is at a path and makes what is missing on the way; a place that contradicts the tree is passed over. */
function put(root: Container, places: readonly (string | number)[], change: (before: unknown) => unknown): void {
  let at: Container = root;
  for (const [depth, place] of places.entries()) {
    // An element follows the last one, so that a hostile index does not allocate.
    if (Array.isArray(at) ? typeof place !== 'number' || place > at.length : typeof place === 'number') return;
    const holder = at as Record<string | number, unknown>;
    const before = Object.hasOwn(holder, place) ? holder[place] : undefined;
    const next = places[depth + 1];
    const value = next === undefined ? change(before) : (before ?? (typeof next === 'number' ? [] : {}));
    Object.defineProperty(holder, place, { value, writable: true, enumerable: true, configurable: true });
    if (next === undefined) return;
    if (!isFields(value) && !Array.isArray(value)) return;
    at = value as Container;
  }
}
