/** Why a key of the file was refused, with the nearest one that exists. */
import { nearestName } from './nearest.js';
import { type Form, knownKeys } from './schema.js';

export function unknownKeyReason(key: string, form: Form): string {
  const keys = knownKeys(form);
  const nearest = nearestName(key, keys);
  const last = key.split('.').pop();
  const moved = keys.find(known => known.endsWith(`.${last}`));
  if (nearest) return `did you mean ${nearest}?`;
  if (moved) return `did you mean ${moved}?`;
  const section = key.includes('.') ? `${key.split('.').slice(0, -1).join('.')}.` : '';
  const here = keys.filter(known => known.startsWith(section) && !known.slice(section.length).includes('.'));
  return `known here: ${here.map(known => known.slice(section.length)).join(', ')}`;
}
