/**
 * A kept run (`store/`): its calls were decoded, cleaned and priced when they were made, so their lines are printed as they
 * are. What was said is left out all the same unless it is asked for. Steps of agents and tools are no calls.
 */
import { SAID_ATTRIBUTES } from '../calls/genai-attributes.js';
import type { CallLine } from '../telemetry/call-line.js';

/** What the first line of a kept run looks like; a line of `--format json` has no `version`. */
export const KEPT_RUN_HEAD = /^\{\s*"version"\s*:\s*\d+\s*,\s*"run"\s*:/;

const SAID: ReadonlySet<string> = new Set(SAID_ATTRIBUTES);

/**
 * @param withContent print what was said, where the run kept it
 * @returns undefined for the head of the file and for a step
 * @throws SyntaxError where the line is no JSON
 */
export function keptCall(text: string, withContent: boolean): CallLine | undefined {
  const line = JSON.parse(text) as CallLine & { kind?: string; version?: number };
  if (line.version !== undefined || line.kind !== undefined) return undefined;
  if (withContent) return line;
  const { output_text: _text, tool_calls: _calls, error_message: _message, attributes, ...facts } = line;
  const silent = Object.entries(attributes ?? {}).filter(([name]) => !SAID.has(name));
  return { ...facts, attributes: attributes === null ? null : Object.fromEntries(silent) };
}
