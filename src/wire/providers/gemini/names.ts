import { type Fields, text } from '../json/fields.js';
import type { SelectedMembers, Selection } from '../json/selection.js';

/** Google's servers read both spellings of a field, and clients send both. */
export function member(body: Fields, camelName: string): unknown {
  return body[camelName] ?? body[snake(camelName)];
}

/** A model's name without the names of what it lies in: `models/x`, `publishers/google/models/x`, `tunedModels/x`. */
export function modelName(value: unknown): string | undefined {
  return text(text(value)?.split('/').at(-1));
}

/** The same selection under both spellings. */
export function bothNames(selection: Record<string, Selection>): SelectedMembers {
  const both: Record<string, Selection> = {};
  for (const [name, wanted] of Object.entries(selection)) {
    both[name] = wanted;
    both[snake(name)] = wanted;
  }
  return both;
}

const SNAKE = new Map<string, string>();

function snake(camelName: string): string {
  let name = SNAKE.get(camelName);
  if (name === undefined) {
    name = camelName.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`);
    SNAKE.set(camelName, name);
  }
  return name;
}
