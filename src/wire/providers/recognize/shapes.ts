/** The format of a request whose host and path say nothing. The stricter shapes come first. */
import { FAMILIES } from '../families.js';
import type { Format } from '../format.js';
import type { Fields } from '../json/fields.js';
import { merge, type SelectedMembers, SIZE } from '../json/selection.js';
import { provenByAnswer } from './proven-by-answer.js';

const SHAPES = FAMILIES.flatMap(family => family.shapes ?? []);

function mergedFields(content: boolean): SelectedMembers {
  const all = SHAPES.map(shape => shape.format.requestFields(content));
  return merge({ messages: SIZE, system: SIZE, instructions: SIZE, prompt: SIZE }, ...all);
}

/** Merged once: it is asked for at every JSON request to a server that nobody knows, and to merge costs 20 µs. */
const FIELDS = { plain: mergedFields(false), withContent: mergedFields(true) };

/** What must be read of a large body before its format is known. */
export function shapeFields(content: boolean): SelectedMembers {
  return content ? FIELDS.withContent : FIELDS.plain;
}

/** A format for one call: the answer decides which. @param provider of a known host whose path is unknown */
export function formatOfShape(body: Fields, provider: string | undefined): Format | undefined {
  const shapes = SHAPES.filter(shape => shape.fits(body, provider));
  return shapes.length === 0 ? undefined : provenByAnswer(shapes);
}
