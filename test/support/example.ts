/** The Node example with its client installed: a real program that makes five calls, of which one fails. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from './launcher.js';

export const EXAMPLE = path.join(ROOT, 'examples/node');
export const EXAMPLE_WORDS = ['node', path.join(EXAMPLE, 'app.mjs')];

export function installExample(): void {
  if (existsSync(path.join(EXAMPLE, 'node_modules/openai'))) return;
  const { status, stderr } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: EXAMPLE, encoding: 'utf8' });
  if (status !== 0) throw new Error(`npm ci for the example failed: ${stderr}`);
}
