import type { Family } from '../family.js';

/**
 * Where programs fetch the results of batches. Many services have files and batches, so the paths of the taps' look-ahead are
 * those of the APIs that are copied, and the answer alone proves that it is one.
 */
const PATHS = [
  // Anthropic, xAI, OpenRouter.
  '/batches/[^/]+/results$',
  // OpenAI, Azure, Groq, Mistral, Together, Perplexity and others that copy the files of OpenAI.
  '/(?:v1|openai)/files/[^/]+/content$',
  // Gemini and OpenRouter, in the batch itself.
  '/(?:v[0-9][a-z0-9]*|beta)/batches/[^/]+$',
  // Gemini, as a file.
  '/download/v[0-9][a-z0-9]*/files/[^/]+:download$',
  // Mistral, in the job itself.
  '/v1/batch/jobs/[^/]+$',
] as const;

const PATH = new RegExp(PATHS.join('|'));

/** @param path without query and without a slash at its end */
export function mayBeResults(method: string, path: string): boolean {
  return method === 'GET' && PATH.test(path);
}

/** Told by what is fetched rather than by a route, so recognition of its calls is in `results.ts`. */
export const batches: Family = {
  title: 'Results of batches',
  reads:
    'answers that a GET brings: `…/batches/{id}/results`, `…/files/{id}/content`, and in the batch itself; of Anthropic, OpenAI, Azure, Groq, Mistral, Together, Gemini, xAI, OpenRouter and whoever copies them; see below',
  lookAhead: { getPaths: PATHS },
};
