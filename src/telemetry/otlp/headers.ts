/**
 * The list form of `OTEL_EXPORTER_OTLP_HEADERS`: `name=value,name=value`, as in W3C Baggage. A value may hold `=` (the
 * padding of Basic authentication does) and is percent-decoded.
 */
export function parseHeaders(list: string): { headers: Record<string, string>; bad: number } {
  const headers: Record<string, string> = {};
  let bad = 0;
  for (const entry of list.split(',')) {
    if (entry.trim() === '') continue;
    const equals = entry.indexOf('=');
    const name = decode(entry.slice(0, Math.max(equals, 0)).trim()).toLowerCase();
    const value = decode(entry.slice(equals + 1).trim());
    // RFC 9110 token; a value must not smuggle in a second field.
    if (equals < 0 || !/^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(name) || /[\r\n\0]/.test(value)) bad += 1;
    else headers[name] = value;
  }
  return { headers, bad };
}

/** A `%` that begins no escape is meant as it stands. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
