/** What `doctor` shows: layer by layer, a mark, the fact, and under a failure the line to type. */
import { type Finding, LAYERS, type Verdict } from '../doctor/finding.js';
import type { Palette } from './palette.js';
import { clean, width, wrap } from './text.js';

const MARKS: Readonly<Record<Verdict, string>> = { ok: '✓', failed: '✗', unknown: '?' };

/** Long facts are wrapped at `limit` columns, never cut: here the words are the result. */
export function renderFindings(findings: readonly Finding[], palette: Palette, limit?: number): string[] {
  const lines: string[] = [];
  const longest = Math.max(0, ...findings.map(({ check }) => width(check)));
  const colours = { ok: palette.good, failed: palette.bad, unknown: palette.warning };
  for (const layer of LAYERS) {
    const own = findings.filter(finding => finding.layer === layer);
    if (own.length === 0) continue;
    if (lines.length > 0) lines.push('');
    lines.push(palette.strong(layer));
    for (const { check, verdict, fact, fix } of own) {
      const head = `  ${colours[verdict](MARKS[verdict])} ${palette.quiet(check.padEnd(longest))}  `;
      const indent = ' '.repeat(longest + 6);
      const [first = '', ...rest] = wrap(clean(fact), limit === undefined ? undefined : limit - longest - 6);
      lines.push(head + first, ...rest.map(line => indent + line));
      if (fix !== undefined) lines.push(...fixLines(clean(fix), indent, limit).map(line => palette.accent(line)));
    }
  }
  lines.push('', verdictLine(findings, palette));
  return lines;
}

function verdictLine(findings: readonly Finding[], palette: Palette): string {
  const failed = findings.filter(({ verdict }) => verdict === 'failed');
  const unknown = findings.filter(({ verdict }) => verdict === 'unknown').length;
  if (failed.length === 0) {
    return unknown === 0
      ? palette.good('Everything that was checked works.')
      : palette.warning(`Nothing failed; ${unknown} of ${findings.length} could not be checked.`);
  }
  const [first] = failed;
  const more = failed.length === 1 ? '' : `, and ${failed.length - 1} more`;
  return palette.bad(`Begin with ${first!.layer}: ${first!.check}${more}.`);
}

/**
 * A line to type is moved to the left rather than broken: what a terminal wraps by itself can still be copied whole.
 * Prose is wrapped like any other.
 */
function fixLines(fix: string, indent: string, limit: number | undefined): string[] {
  const text = `try: ${fix}`;
  if (limit === undefined || indent.length + width(text) <= limit) return [indent + text];
  if (SHORT_INDENT.length + width(text) <= limit || /^(openlit-instrument|--|[\w/.-]+ -)/.test(fix))
    return [SHORT_INDENT + text];
  return wrap(text, limit - indent.length - 5).map((line, index) => indent + (index === 0 ? '' : '     ') + line);
}

const SHORT_INDENT = '    ';
