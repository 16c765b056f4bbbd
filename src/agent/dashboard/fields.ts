/** What the dashboard's server does to texts, done before it does: what it cuts off would be lost without a word. Pure. */

/** Characters the server keeps of one field. */
const MOST = 1024;

/** Without control characters; what is too long ends with an ellipsis. */
export function fieldText(text: string): string {
  const clean = text.replace(/[\u0000-\u001f\u007f]+/g, ' ');
  return clean.length <= MOST ? clean : `${clean.slice(0, MOST - 1)}…`;
}

/** ClickHouse's form, UTC: no T, no Z, no fractions. */
export function fieldTime(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace('T', ' ');
}
