/**
 * Hostile input by the million: `node test/wire/protocol/fuzz.mjs [cases] [first]`. The cases are those of hostile.test.ts,
 * which runs the first fifteen hundred. A failing case is printed with its number; `fuzz.mjs 1 NUMBER` runs it alone.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

/** Runs the cases of `entry`, a module that exports `runHostileCase(number)`, as the command line says. */
export async function fuzz(entry) {
  const cases = Number(process.argv[2] ?? 1_000_000);
  const first = Number(process.argv[3] ?? 0);
  if (!Number.isSafeInteger(cases) || !Number.isSafeInteger(first)) {
    console.error(
      `usage: node ${path.relative(process.cwd(), process.argv[1])} [cases] [first]   (both whole numbers)`,
    );
    process.exit(2);
  }
  const folder = mkdtempSync(path.join(tmpdir(), 'fuzz-'));
  const bundle = path.join(folder, 'hostile.mjs');
  try {
    await build({
      entryPoints: [entry],
      bundle: true,
      platform: 'node',
      format: 'esm',
      outfile: bundle,
      logLevel: 'error',
    });
    const { runHostileCase } = await import(pathToFileURL(bundle).href);
    const started = process.hrtime.bigint();
    let slowest = { number: -1, ms: 0 };
    let failures = 0;
    for (let number = first; number < first + cases; number++) {
      const begun = performance.now();
      try {
        runHostileCase(number);
      } catch (error) {
        failures++;
        console.error(error.cause?.stack ?? error);
        console.error(error.message);
        if (failures === 10) break;
      }
      const ms = performance.now() - begun;
      if (ms > slowest.ms) slowest = { number, ms };
    }
    const seconds = Number(process.hrtime.bigint() - started) / 1e9;
    const rss = Math.round(process.memoryUsage().rss / 1048576);
    console.log(
      `${cases} cases from ${first} in ${seconds.toFixed(1)} s, ${failures} failed, slowest ${slowest.ms.toFixed(1)} ms (case ${slowest.number}), RSS ${rss} MiB`,
    );
    process.exitCode = failures > 0 ? 1 : 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await fuzz(path.join(import.meta.dirname, 'hostile.ts'));
