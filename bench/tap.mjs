/** The variable that leads a hook to its observer, as the launcher sets it: the first call starts it, later programs share it. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';

const OBSERVER = path.resolve(import.meta.dirname, '../dist/observer.cjs');
const START = path.resolve(import.meta.dirname, '../dist/bootstrap/start-observer.sh');

/**
 * @param {string} folder private; gets the settings and the socket
 * @param {Record<string, string>} told `OTEL_*` of the observer
 * @returns {string} value of OPENLIT_INSTRUMENT_TAP
 */
export function tapVariable(folder, told) {
  const settings = path.join(folder, 'settings.json');
  writeFileSync(settings, JSON.stringify({ version: 1, env: told, named: { resourceAttributes: {} } }));
  const socket = path.join(folder, 'observer.sock');
  const flags = ['--v8-pool-size=1', '--single-threaded-gc', '--max-semi-space-size=2'];
  const observer = [process.execPath, ...flags, OBSERVER, '--settings', settings, '--socket', socket];
  return JSON.stringify({ v: 1, socket, observer, start: START, wait: false });
}
