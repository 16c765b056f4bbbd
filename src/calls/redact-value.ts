/**
 * Redaction of what has a structure: fields whose names say that they hold a secret lose their values, whatever these look
 * like, and every other text is redacted as a text. JSON inside of a text is read in place, so that what is none of this
 * stays byte for byte, broken JSON too.
 */
import type { AnyValue } from './model.js';
import { REDACTED, type Redactor } from './redact.js';
import { isSecretFlag, isSecretName, isSecretNumberName, mentionsSecrets } from './secret-names.js';

/** What a schema says of a field, and not what is in it. */
const DESCRIBING = /^(?:type|title|description|format|\$ref)$/;
/** Lists of names and values: `{"name": "Authorization", "value": "…"}`. */
const NAMING = /^(?:name|key|header|field)$/i;
const VALUED = /^(?:value|content|default|text)$/i;
/** Masked already. */
const MASKED = /^\*+$/;

/** What is known of the place of a value. */
interface Place {
  /** Below a field that names a secret. */
  readonly hidden: boolean;
  /** The same, and a number is one too. */
  readonly hiddenNumber: boolean;
}

const OPEN: Place = { hidden: false, hiddenNumber: false };
const HIDDEN: Place = { hidden: true, hiddenNumber: true };

function placeOfField(name: string, inside: Place, named: boolean): Place {
  if (inside.hidden) return DESCRIBING.test(name) ? OPEN : inside;
  if (named && VALUED.test(name)) return HIDDEN;
  return isSecretName(name) ? { hidden: true, hiddenNumber: isSecretNumberName(name) } : OPEN;
}

/** Every text inside a value, and every field that names a secret. Copies; the caller's value stays. */
export function redactValue(value: AnyValue, redact: Redactor): AnyValue {
  return redactAt(value, redact, OPEN);
}

/** A record of ours, whose own names say nothing of secrets. */
export function redactRecord<T extends object>(record: T, redact: Redactor): T {
  return redactValue(record as unknown as AnyValue, redact) as unknown as T;
}

function redactAt(value: AnyValue, redact: Redactor, place: Place): AnyValue {
  if (typeof value === 'string') {
    if (!place.hidden) return redactText(value, redact);
    return value === '' || MASKED.test(value) ? value : REDACTED;
  }
  if (typeof value === 'number') return place.hiddenNumber ? REDACTED : value;
  if (Array.isArray(value)) return redactList(value, redact, place);
  if (value === null || typeof value !== 'object') return value;
  const copy: Record<string, AnyValue> = {};
  const named = Object.entries(value).some(
    ([key, inner]) => NAMING.test(key) && typeof inner === 'string' && isSecretName(inner),
  );
  for (const [key, inner] of Object.entries(value)) {
    copy[redact(key)] = redactAt(inner, redact, placeOfField(key, place, named));
  }
  return copy;
}

/** What follows `--password` is one, and in a list of pairs what follows `x-api-key`. */
function redactList(list: readonly AnyValue[], redact: Redactor, place: Place): AnyValue[] {
  return list.map((item, index) => {
    if (Array.isArray(item) && isPair(item)) return [item[0], redactAt(item[1]!, redact, HIDDEN)];
    const before = list[index - 1];
    const announced = typeof before === 'string' && isSecretFlag(before) && typeof item === 'string';
    return redactAt(item, redact, announced ? HIDDEN : place);
  });
}

function isPair(list: readonly AnyValue[]): list is [string, AnyValue] {
  return list.length === 2 && typeof list[0] === 'string' && isSecretName(list[0]);
}

/** The words of a command line, for people. */
export function redactWords(words: readonly string[], redact: Redactor): string[] {
  return redactList([...words], redact, OPEN) as string[];
}

/** A text: as JSON where it begins like it, and as a text. */
export function redactText(text: string, redact: Redactor): string {
  const isJson = /^\s*[[{]/.test(text) && mentionsSecrets(text);
  return redact(isJson ? redactJson(text, redact) : text);
}

interface Frame {
  readonly list: boolean;
  readonly place: Place;
  /** A list inside of a list. */
  readonly inList: boolean;
  /** Of the field that is being read. */
  key: string | undefined;
  /** Some field before names a secret, the next one may hold it. */
  named: boolean;
  /** Texts so far, and what the last one announces. */
  count: number;
  announced: boolean;
}

const PIECE = /"[^"\\]*(?:\\[\s\S][^"\\]*)*(?:"|\\?$)|-?\d[\d.eE+-]*|[[\]{},:]|[^"[\]{},:\d-]+|-/g;

function redactJson(text: string, redact: Redactor): string {
  const frames: Frame[] = [];
  return text.replace(PIECE, piece => {
    const frame = frames.at(-1);
    const first = piece[0]!;
    if (first === '{' || first === '[') {
      const place = frame === undefined ? OPEN : placeIn(frame);
      const inList = first === '[' && frame?.list === true;
      const begun = { list: first === '[', inList, place, key: undefined, named: false, count: 0, announced: false };
      frames.push(begun);
    } else if (first === '}' || first === ']') {
      frames.pop();
    } else if (first === ',') {
      if (frame !== undefined) frame.key = undefined;
    } else if (first === '"' && frame !== undefined) {
      return redactLiteral(piece, frame, redact);
    } else if (/[-\d]/.test(first) && piece.length > 1 && frame !== undefined) {
      return placeIn(frame).hiddenNumber ? JSON.stringify(REDACTED) : piece;
    }
    return piece;
  });
}

function placeIn({ list, place, key, named, announced }: Frame): Place {
  if (list) return announced ? HIDDEN : place;
  return key === undefined ? place : placeOfField(key, place, named);
}

function redactLiteral(literal: string, frame: Frame, redact: Redactor): string {
  const text = decoded(literal);
  if (!frame.list && frame.key === undefined) {
    frame.key = text;
    return literal;
  }
  const clean = redactAt(text, redact, placeIn(frame)) as string;
  if (frame.list) {
    frame.announced = isSecretFlag(text) || (frame.inList && frame.count === 0 && isSecretName(text));
    frame.count += 1;
  } else if (NAMING.test(frame.key ?? '') && isSecretName(text)) {
    frame.named = true;
  }
  return clean === text ? literal : JSON.stringify(clean);
}

/** One that is cut or broken is taken as it stands. */
function decoded(literal: string): string {
  try {
    return JSON.parse(literal) as string;
  } catch {
    return literal.slice(1);
  }
}
