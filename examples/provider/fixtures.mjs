// Reads the recorded exchanges and finds the one that answers a request.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';

/**
 * @typedef {{after_ms?: number, data?: string | {base64: string}, abort?: boolean}} Chunk
 * @typedef {{
 *   provider: string, name: string, host?: string, method: string, path: string,
 *   request_headers?: Record<string, string>, request_body?: any,
 *   status: number, response_headers?: Record<string, string>,
 *   response_body?: any, response_chunks?: Chunk[], expected?: Record<string, unknown> | null
 * }} Fixture
 */

/**
 * All `<folder>/<provider>/<name>.json`, sorted by provider and name so that the choice among equals never changes.
 * @param {string} folder
 * @returns {Fixture[]}
 */
export function readFixtures(folder) {
  const fixtures = [];
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    for (const file of readdirSync(path.join(folder, entry.name))) {
      if (!file.endsWith('.json')) continue;
      const name = path.join(folder, entry.name, file);
      try {
        const fixture = JSON.parse(readFileSync(name, 'utf8'));
        if (typeof fixture.path !== 'string') continue; // data beside the exchanges
        fixtures.push({ status: 200, method: 'POST', ...fixture, provider: entry.name, name: file.slice(0, -5) });
      } catch (error) {
        throw new Error(`${name}: ${error.message}`, { cause: error });
      }
    }
  }
  return fixtures.sort((a, b) => a.provider.localeCompare(b.provider) || a.name.localeCompare(b.name));
}

const withoutQuery = target => target.split('?', 1)[0];
const usesTools = body => Array.isArray(body?.tools) && body.tools.length > 0;
const hasToolResult = body =>
  Array.isArray(body?.messages) &&
  body.messages.some(
    message =>
      message.role === 'tool' ||
      (Array.isArray(message.content) && message.content.some(part => part.type === 'tool_result')),
  );

/** How well a fixture that answers the request's path fits its body; undefined: it does not. */
function likeness(fixture, body) {
  const recorded = fixture.request_body;
  if (recorded?.model !== body?.model) return undefined;
  if (Boolean(recorded?.stream) !== Boolean(body?.stream)) return undefined;
  if (isDeepStrictEqual(recorded, body)) return 100;
  return (
    (usesTools(recorded) === usesTools(body) ? 8 : 0) +
    (hasToolResult(recorded) === hasToolResult(body) ? 4 : 0) +
    (isDeepStrictEqual(recorded?.messages, body?.messages) ? 16 : 0) +
    (isDeepStrictEqual(recorded?.input, body?.input) ? 16 : 0) +
    (isDeepStrictEqual(recorded?.stream_options, body?.stream_options) ? 2 : 0) +
    (fixture.status < 400 ? 1 : 0)
  );
}

/**
 * The fixture that answers a request: same method, path, `model` and `stream`; among several the one whose body is
 * nearest. A path may begin with `/<provider>`, which leaves only that provider's; a header `x-fixture: <name>` names one.
 * @param {Fixture[]} fixtures
 * @param {{method: string, path: string, host?: string, headers: Record<string, any>, body: any}} request
 * @returns {Fixture | undefined}
 */
export function findFixture(fixtures, { method, path: target, host, headers, body }) {
  const first = target.split('/')[1];
  const prefixed = fixtures.some(fixture => fixture.provider === first);
  const wanted = prefixed ? target.slice(first.length + 1) : target;
  const name = headers['x-fixture'];
  let best;
  let bestFit = -1;
  for (const fixture of fixtures) {
    if (fixture.method !== method || withoutQuery(fixture.path) !== withoutQuery(wanted)) continue;
    if (prefixed && fixture.provider !== first) continue;
    if (name !== undefined && fixture.name !== name) continue;
    const quality = name === undefined ? likeness(fixture, body) : 0;
    if (quality === undefined) continue;
    const total = quality + (fixture.host === host ? 200 : 0) + (fixture.path === wanted ? 0.5 : 0);
    if (total > bestFit) [best, bestFit] = [fixture, total];
  }
  return best;
}
