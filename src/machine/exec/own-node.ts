/**
 * Variables that are meant for the program and act on our own Node as well. Node has acted on them before our first line
 * runs; what a process of ours that stays does with them later is avoided by starting it without them: profiles and coverage
 * that it would write at its end, debug lines, listeners for signals, an inspector, preloads that keep it alive. Pure.
 */

/** Read by Node itself. What decides whom we trust and how we reach the network (`NODE_EXTRA_CA_CERTS`, …) stays. */
const ACTING = [
  'NODE_OPTIONS',
  'NODE_COMPILE_CACHE',
  'NODE_DEBUG',
  'NODE_DEBUG_NATIVE',
  'NODE_PENDING_DEPRECATION',
  'NODE_PRESERVE_SYMLINKS',
  'NODE_PRESERVE_SYMLINKS_MAIN',
  'NODE_REDIRECT_WARNINGS',
  'NODE_V8_COVERAGE',
];

/** Options by which our own requests reach an endpoint as the program's would. */
const KEPT =
  /^--(use-(openssl|bundled|system)-ca|use-env-proxy|openssl-[\w-]+|(enable|force)-fips|tls-[\w.-]+|dns-result-order|(no-)?network-family-autoselection[\w-]*|secure-heap(-min)?)(=|$)/;

export type Variables = Readonly<Record<string, string>>;

/** What has to be set aside, by name; and what of it stays. Empty when nothing of it is set. */
export function setAside(env: NodeJS.ProcessEnv): { aside: Variables; kept: Variables } {
  const aside: Record<string, string> = {};
  for (const name of ACTING) {
    const value = env[name];
    if (value !== undefined && value !== '') aside[name] = value;
  }
  const options = keptOptions(aside['NODE_OPTIONS'] ?? '');
  // Nothing but what stays: then there is no reason to start again.
  if (options === aside['NODE_OPTIONS']?.trim()) delete aside['NODE_OPTIONS'];
  return { aside, kept: options === '' || !('NODE_OPTIONS' in aside) ? {} : { NODE_OPTIONS: options } };
}

/** Preloads run in our process, and what they open is not the program's. */
export function hasPreloads(env: NodeJS.ProcessEnv): boolean {
  return words(env['NODE_OPTIONS'] ?? '').some(word =>
    /^(-r|--require|--import|--(experimental-)?loader)(=|$)/.test(word),
  );
}

/** True where Node listens for a debugger. */
export function hasInspector(env: NodeJS.ProcessEnv, execArgv: readonly string[]): boolean {
  return [env['NODE_OPTIONS'] ?? '', ...execArgv].some(text => text.includes('--inspect'));
}

function keptOptions(options: string): string {
  const all = words(options);
  return all
    .filter((word, index) => {
      const before = all[index - 1];
      // A value in a word of its own goes with its option.
      return (
        KEPT.test(word) || (!word.startsWith('-') && before !== undefined && KEPT.test(before) && !before.includes('='))
      );
    })
    .join(' ');
}

/** Separated by spaces; a part in double quotes is one word. The quotes stay: the words are put together again. */
function words(options: string): string[] {
  return options.match(/(?:[^\s"]|"(?:\\.|[^"\\])*"?)+/g) ?? [];
}
