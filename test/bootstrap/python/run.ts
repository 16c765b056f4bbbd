/** Runs a snippet of Python with the bootstrap package importable and nothing else of ours. */
import { execFileSync } from 'node:child_process';
import path from 'node:path';

export const BOOTSTRAP = path.resolve(import.meta.dirname, '../../../src/bootstrap/python');

/** @returns what the snippet prints as JSON; `input` is its stdin */
export function python(code: string, input: unknown): unknown {
  const prelude = 'import json, sys\nsys.path.insert(0, sys.argv[1])\ngiven = json.load(sys.stdin)\n';
  const env = { ...process.env, PYTHONPATH: '', PYTHONDONTWRITEBYTECODE: '1', OPENLIT_PRICING_JSON: '' };
  const options = { input: JSON.stringify(input), env, encoding: 'utf8' as const };
  return JSON.parse(execFileSync('python3', ['-c', prelude + code, BOOTSTRAP], options));
}
