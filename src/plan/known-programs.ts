/** Programs that are known by name: runtimes, from their table, and what starts others. A new wrapper is one row. */
import { type RuntimeName, runtimeOfCommand } from '../machine/runtimes.js';

export interface KnownProgram {
  readonly runtimes: readonly RuntimeName[];
  readonly wrapper: boolean;
  readonly what: string;
  /** The Python of the project (`.venv`) is what it most likely starts. */
  readonly projectPython?: true;
  /** Said when the hook may not get through. */
  readonly caveat?: string;
}

const BOTH = ['python', 'node'] as const;

const STARTERS: readonly (KnownProgram & { readonly names: RegExp })[] = [
  { names: /^uwsgi/, runtimes: ['python'], wrapper: false, what: 'uWSGI, which embeds Python' },
  {
    names: /^(npm|npx|yarn|yarnpkg|pnpm|pnpx|bunx|corepack)$/,
    runtimes: BOTH,
    wrapper: true,
    what: 'a Node package manager, which starts other programs',
  },
  {
    names: /^(uv|uvx|poetry|pipenv|pdm|hatch|rye|pixi|conda|mamba|micromamba|tox|nox|pipx)$/,
    runtimes: BOTH,
    wrapper: true,
    projectPython: true,
    what: 'a Python project tool, which starts other programs',
  },
  { names: /^(sh|bash|dash|zsh|ksh|fish|ash|busybox)$/, runtimes: BOTH, wrapper: true, what: 'a shell' },
  {
    names:
      /^(env|nice|nohup|time|timeout|stdbuf|setsid|taskset|ionice|chrt|flock|tini|dumb-init|catatonit|gosu|su-exec|xargs|watch|entr|unshare|script|pyenv|mise|direnv|asdf)$/,
    runtimes: BOTH,
    wrapper: true,
    what: 'a program that starts another one',
  },
  {
    names:
      /^(make|just|task|honcho|foreman|overmind|hivemind|supervisord|pm2|nodemon|concurrently|turbo|nx|dotenv|dotenvx|doppler|infisical|op|strace|ltrace|perf|gdb|hyperfine|parallel)$/,
    runtimes: BOTH,
    wrapper: true,
    what: 'a program that starts others',
  },
  {
    names: /^(sudo|doas|su|runuser)$/,
    runtimes: BOTH,
    wrapper: true,
    what: 'a program that starts another one as somebody else',
    caveat: 'it usually wipes the environment and with it the hook; put openlit-instrument behind it',
  },
];

export function findKnownProgram(name: string): KnownProgram | undefined {
  const runtime = runtimeOfCommand(name);
  if (runtime) return { runtimes: [runtime.name], wrapper: false, what: runtime.what };
  return STARTERS.find(({ names }) => names.test(name));
}
