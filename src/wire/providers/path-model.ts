/** The model in the path: deployments, Gemini, Vertex, Bedrock. */
import type { Heads } from './format.js';
import { type Fields, text } from './json/fields.js';

/** Azure's deployments need no model in the body, behind whatever host. */
export function namesModel(body: Fields, { path }: Heads): boolean {
  return text(body.model) !== undefined || segmentAfter(path, '/deployments/') !== undefined;
}

/** The decoded segment that follows `marker`, up to the next `/`; a `:method` at its end is cut off when `method` is given. */
export function segmentAfter(path: string, marker: string, method = false): string | undefined {
  const at = path.lastIndexOf(marker);
  if (at < 0) return undefined;
  const begin = at + marker.length;
  const slash = path.indexOf('/', begin);
  let segment = path.slice(begin, slash < 0 ? undefined : slash);
  if (method && segment.includes(':')) segment = segment.slice(0, segment.lastIndexOf(':'));
  return segment === '' ? undefined : decode(segment);
}

export function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
