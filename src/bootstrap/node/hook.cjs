// The first file of ours inside a Node, Bun or Deno program: `--require` (NODE_OPTIONS) or `--preload` (BUN_OPTIONS).
// ES5 only, so that it decides before anything newer is parsed: an old runtime runs the program as if we were not there.
// It must never throw, print to stdout or keep the program alive. Frozen: change sources.ts instead.
// biome-ignore-all lint/style: ES5
// biome-ignore-all lint/complexity: ES5
// biome-ignore-all lint/suspicious/noVar: ES5
'use strict';
(function () {
  var OLDEST = 18;
  var env = process.env || {};
  var mark = typeof Symbol === 'function' ? Symbol['for']('openlit-instrument.node') : undefined;

  /** One JSON line for tests, `doctor` and CI where OPENLIT_INSTRUMENT_STATUS_FILE asks for it, one for people with DEBUG. */
  function status(result, reason) {
    var file = env.OPENLIT_INSTRUMENT_STATUS_FILE;
    var fact = { runtime: 'node', pid: process.pid, version: process.versions.node, result: result, reason: reason };
    try {
      if (env.OPENLIT_INSTRUMENT_DEBUG === '1') {
        require('fs').writeSync(2, 'openlit-instrument: node ' + process.pid + ': ' + result + ': ' + reason + '\n');
      }
      if (!file) return;
      require('fs').appendFileSync(file, JSON.stringify(fact) + '\n', { mode: 384 }) /* 0600, in ES5 */;
    } catch (_) {
      // The file is a convenience.
    }
  }

  try {
    if (!mark) return;
    if (env.OPENLIT_INSTRUMENT_DISABLED === '1' || /^true$/i.test(env.OTEL_SDK_DISABLED || '')) {
      return status('disabled', 'switched off by the environment');
    }
    if (parseInt(process.versions.node, 10) < OLDEST) return status('incompatible_runtime', 'Node is older than 18');
    // Threads of Node itself (module loader hooks) make no calls.
    if (globalThis[mark] || require('worker_threads').isInternalThread) return;
    Object.defineProperty(globalThis, mark, { value: { status: status }, configurable: true });
    require('./sources.cjs').start(globalThis[mark]);
    delete require.cache[require.resolve('./sources.cjs')];
    delete require.cache[__filename];
  } catch (error) {
    status('internal_error', String(error && error.stack));
    if (env.OPENLIT_INSTRUMENT_QUIET === '1') return;
    try {
      require('fs').writeSync(
        2,
        'openlit-instrument: this program is not observed: ' + (error && error.message) + '\n',
      );
    } catch (_) {
      // Nobody listens on stderr.
    }
  }
})();
