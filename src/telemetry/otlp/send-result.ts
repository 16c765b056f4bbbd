/** How an attempt to export ended. */
export type SendResult =
  | {
      readonly kind: 'sent' /** Items that the collector refused, and its words. */;
      readonly rejected: number;
      readonly message?: string;
    }
  /**
   * Worth another try; `after` milliseconds when the collector said when. `busy`: it answered, so one such answer is no news.
   */
  | { readonly kind: 'retry'; readonly reason: string; readonly after?: number; readonly busy?: boolean }
  /** The same bytes will never be taken; fewer might, where they were too many. */
  | { readonly kind: 'refused'; readonly reason: string; readonly tooLarge?: boolean };

/** `Retry-After`: seconds or an HTTP date (RFC 9110 §10.2.3), in milliseconds from `now`. */
export function retryAfter(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined;
  if (/^\s*\d+\s*$/.test(value)) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

/** The HTTP statuses that the OTLP specification calls retryable. */
export function isRetryableStatus(status: number): boolean {
  return status === 429 || status === 502 || status === 503 || status === 504;
}

/** `partial_success` of an Export…ServiceResponse, read from its JSON form. */
export function partialSuccessFromJson(body: string): { rejected: number; message?: string } {
  try {
    const partial = (JSON.parse(body) as { partialSuccess?: Record<string, unknown> }).partialSuccess ?? {};
    const rejected = Number(partial.rejectedSpans ?? partial.rejectedDataPoints ?? partial.rejectedLogRecords ?? 0);
    const message = partial.errorMessage;
    return { rejected: rejected || 0, ...(typeof message === 'string' && message !== '' ? { message } : {}) };
  } catch {
    return { rejected: 0 };
  }
}

/** … and from protobuf: field 1 { 1: rejected (varint), 2: message }. What is not understood counts as accepted. */
export function partialSuccessFromProtobuf(body: Uint8Array): { rejected: number; message?: string } {
  const partial = fields(body).find(field => field.number === 1 && field.bytes !== undefined)?.bytes;
  let rejected = 0;
  let message = '';
  for (const field of partial === undefined ? [] : fields(partial)) {
    if (field.number === 1 && field.value !== undefined) rejected = field.value;
    if (field.number === 2 && field.bytes !== undefined) message = Buffer.from(field.bytes).toString('utf8');
  }
  return { rejected, ...(message === '' ? {} : { message }) };
}

export interface ProtobufField {
  readonly number: number;
  readonly value?: number;
  readonly bytes?: Uint8Array;
}

/** Top-level fields of a protobuf message, as far as it is whole. Fixed-width fields are skipped. */
export function fields(bytes: Uint8Array): ProtobufField[] {
  const found: ProtobufField[] = [];
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; at < bytes.length && shift < 70; shift += 7) {
      const byte = bytes[at++] as number;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) break;
    }
    return value;
  };
  while (at < bytes.length) {
    const tag = varint();
    const number = Math.floor(tag / 8);
    const type = tag % 8;
    if (type === 0) found.push({ number, value: varint() });
    else if (type === 1) at += 8;
    else if (type === 5) at += 4;
    else if (type === 2) {
      const length = varint();
      if (at + length > bytes.length) break;
      found.push({ number, bytes: bytes.subarray(at, at + length) });
      at += length;
    } else break;
  }
  return found;
}
