/** What the families ask of bodies whose host and path say nothing. */
import { type Fields, isFields, items } from './json/fields.js';

/** What stands in for a large array that was measured and skipped. */
export const isSized = (value: unknown): boolean => isFields(value) && value.sized === 'array';

/** A text, or a list of anything. */
export const isInput = (value: unknown): boolean =>
  (typeof value === 'string' && value !== '') || items(value).length > 0 || isSized(value) || isSizedText(value);

const isSizedText = (value: unknown): boolean => isFields(value) && value.sized === 'string';

export const hasMessages = (body: Fields): boolean => items(body.messages).length > 0 || isSized(body.messages);
