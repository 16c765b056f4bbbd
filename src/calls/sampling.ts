/**
 * The samplers of the specification by their environment names. One implementation for the hook and for the SDK pipeline,
 * so that both decide the same for the same trace. The ratio reads the last 56 bits of the trace id, which W3C trace context
 * level 2 promises to be random: parts of one trace that are observed apart are kept or dropped together.
 */
import type { SpanParent } from './trace-context.js';

export interface Sampler {
  /** As in `OTEL_TRACES_SAMPLER`, with its ratio. */
  readonly description: string;
  shouldSample(traceId: string, parent: SpanParent | undefined): boolean;
}

const NAMES = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;

/** Default `parentbased_always_on`; a bad value is named in `warnings` and the default (or ratio 1) holds. */
export function createSampler(
  name: string | undefined,
  argument: string | undefined,
  warnings: string[] = [],
): Sampler {
  const wanted = name?.trim().toLowerCase() || 'parentbased_always_on';
  const known = NAMES.find(candidate => candidate === wanted);
  if (known === undefined) warnings.push(`OTEL_TRACES_SAMPLER=${name} is unknown (${NAMES.join(', ')}); all is kept`);
  const chosen = known ?? 'parentbased_always_on';
  const root = rootOf(chosen.replace('parentbased_', ''), argument, warnings);
  if (!chosen.startsWith('parentbased_')) return root;
  return {
    description: `parentbased_${root.description}`,
    shouldSample: (traceId, parent) =>
      parent === undefined ? root.shouldSample(traceId, undefined) : (parent.traceFlags & 1) === 1,
  };
}

function rootOf(name: string, argument: string | undefined, warnings: string[]): Sampler {
  if (name === 'always_on') return { description: name, shouldSample: () => true };
  if (name === 'always_off') return { description: name, shouldSample: () => false };
  const ratio = ratioOf(argument, warnings);
  // 56 random bits, of which the leading 52 fit a double without loss.
  const threshold = (1 - ratio) * 2 ** 52;
  return {
    description: `traceidratio{${ratio}}`,
    shouldSample: traceId => ratio > 0 && Number.parseInt(traceId.slice(18, 31), 16) >= threshold,
  };
}

function ratioOf(argument: string | undefined, warnings: string[]): number {
  if (argument === undefined || argument.trim() === '') return 1;
  const ratio = Number(argument);
  if (ratio >= 0 && ratio <= 1) return ratio;
  warnings.push(`OTEL_TRACES_SAMPLER_ARG=${argument} is not between 0 and 1; all is kept`);
  return 1;
}
