/**
 * Everything that telemetry needs to know, read from environment variables: the hook reads the program's own environment,
 * attach lays its resolved settings over the environment first
 * (`resolved-settings.ts`). One reader, one meaning.
 */

import { type ContentPolicy, DEFAULT_MAX_LENGTH } from '../calls/content.js';
import { type Generation, generationFromOptIn } from '../calls/genai-attributes.js';
import { type PricingFile, readPricingFile } from '../calls/pricing-file.js';
import { createRedactor, redactCredentials } from '../calls/redact.js';
import { createSampler, type Sampler } from '../calls/sampling.js';
import type { ContentCapture } from '../config/settings.js';
import { VARIABLES } from '../config/variables.js';
import { Problem } from '../errors.js';
import {
  type Environment,
  type OtlpDefaults,
  type OtlpSettings,
  otlpSettingsFromEnvironment,
} from './otlp/settings.js';

export interface TelemetrySettings {
  readonly otlp: OtlpSettings;
  readonly generation: Generation;
  readonly content: ContentPolicy;
  readonly emitEvent: boolean;
  readonly sampler: Sampler;
  readonly pricingFile?: PricingFile;
  /** Hosts whose calls are not reported; `*` stands for any characters. */
  readonly excludedHosts: readonly string[];
  /** Each one line, without our name in front: what was wrong and what holds instead. */
  readonly warnings: readonly string[];
}

/** Never throws. A broken redaction pattern switches content off: a secret that was meant to go must not stay. */
export function telemetrySettingsFromEnvironment(env: Environment, defaults: OtlpDefaults = {}): TelemetrySettings {
  const otlp = otlpSettingsFromEnvironment(env, defaults);
  const warnings = [...otlp.warnings];
  const content = contentPolicy(env, warnings);
  const pricingFile = pricing(env[VARIABLES.pricingFile], warnings);
  const inEvent = content.capture === 'event' || content.capture === 'both';
  const asked = env[VARIABLES.emitEvent]?.trim().toLowerCase();
  return {
    otlp,
    generation: generationFromOptIn(env[VARIABLES.semconvOptIn]),
    content,
    emitEvent: asked === 'true' || (inEvent && asked !== 'false'),
    sampler: createSampler(env[VARIABLES.tracesSampler], env[VARIABLES.tracesSamplerArg], warnings),
    ...(pricingFile === undefined ? {} : { pricingFile }),
    excludedHosts: (env[VARIABLES.excludeEndpoints] ?? '').split(',').filter(host => host.trim() !== ''),
    warnings,
  };
}

/** Our words, the conventions' words, and `true|false` as OpenLIT and older instrumentations have them. */
const CAPTURE: Readonly<Record<string, ContentCapture>> = {
  off: 'off',
  false: 'off',
  no_content: 'off',
  span: 'span',
  span_only: 'span',
  true: 'span',
  event: 'event',
  event_only: 'event',
  both: 'both',
  span_and_event: 'both',
};

function contentPolicy(env: Environment, warnings: string[]): ContentPolicy {
  const word = env[VARIABLES.captureContent]?.trim().toLowerCase() || 'off';
  let capture = CAPTURE[word];
  if (capture === undefined) {
    warnings.push(`${VARIABLES.captureContent}=${word} is unknown (off, span, event, both); content is off`);
    capture = 'off';
  }
  const maxLength = Number(env[VARIABLES.maxContentLength]?.trim() || DEFAULT_MAX_LENGTH);
  const length = Number.isInteger(maxLength) && maxLength > 0 ? maxLength : DEFAULT_MAX_LENGTH;
  if (length !== maxLength) {
    warnings.push(`${VARIABLES.maxContentLength} is not a whole number above 0; ${DEFAULT_MAX_LENGTH} is used`);
  }
  try {
    return { capture, maxLength: length, redact: createRedactor(patterns(env[VARIABLES.redactPatterns])) };
  } catch (error) {
    warnings.push(`${wordsOf(error)}; content is off`);
    return { capture: 'off', maxLength: length, redact: redactCredentials };
  }
}

/** A JSON list, or one pattern a line: a pattern may hold commas. */
function patterns(value: string | undefined): string[] {
  const text = value?.trim() ?? '';
  if (text.startsWith('[')) {
    try {
      const list: unknown = JSON.parse(text);
      if (Array.isArray(list) && list.every(item => typeof item === 'string')) return list;
    } catch {
      // `[a-z]+` is a pattern, too.
    }
  }
  return text.split('\n').filter(line => line.trim() !== '');
}

function pricing(file: string | undefined, warnings: string[]): PricingFile | undefined {
  if (file === undefined || file.trim() === '') return undefined;
  try {
    return readPricingFile(file.trim());
  } catch (error) {
    warnings.push(`${wordsOf(error)}; it is left out`);
    return undefined;
  }
}

function wordsOf(error: unknown): string {
  if (error instanceof Problem) return error.reason === undefined ? error.message : `${error.message}: ${error.reason}`;
  return (error as Error).message;
}
