/** What `doctor` says of one thing: the fact that was seen, and, where it is not well, the line to type. No credentials. */
import { redactCredentials } from '../calls/redact.js';
import { redactText } from '../calls/redact-value.js';

/** Layers in the order in which a failure hides the next; named as the folders and the documentation name them. */
export const LAYERS = ['system', 'settings', 'collector', 'program', 'process', 'agent'] as const;
export type Layer = (typeof LAYERS)[number];

/** `unknown`: could not be looked at (missing rights, or an earlier failure hides it). */
export type Verdict = 'ok' | 'failed' | 'unknown';

export interface Finding {
  readonly layer: Layer;
  readonly check: string;
  readonly verdict: Verdict;
  readonly fact: string;
  /** A command or a setting that fixes it. */
  readonly fix?: string;
}

/** Collects the findings of one layer. */
export interface Notes {
  ok(check: string, fact: string): void;
  failed(check: string, fact: string, fix?: string): void;
  unknown(check: string, fact: string, fix?: string): void;
}

export function createNotes(layer: Layer, findings: Finding[]): Notes {
  const note = (verdict: Verdict) => (check: string, fact: string, fix?: string) => {
    const clean = (text: string) => redactText(text, redactCredentials);
    findings.push({ layer, check, verdict, fact: clean(fact), ...(fix !== undefined && { fix: clean(fix) }) });
  };
  return { ok: note('ok'), failed: note('failed'), unknown: note('unknown') };
}
