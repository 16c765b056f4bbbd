/** Node and Deno: NODE_OPTIONS gets one `--require` of our CommonJS hook, first, once. Deno honours NODE_OPTIONS. */
import { VARIABLES } from '../config/variables.js';
import { type Injector, type InjectorInput, type Outcome, type Program, switches } from './injector.js';

export const nodeInjector: Injector = { refuses, inject };

function inject({ settings, env, hooks, readable }: InjectorInput): Outcome {
  if (!readable(hooks.node)) {
    return { mine: false, because: `our file ${hooks.node} is missing; install the package again` };
  }
  return {
    mine: true,
    env: {
      ...switches(settings),
      ...nodeOptions(env, hooks.node),
    },
    why: `NODE_OPTIONS requires our hook; it hands over requests that look like LLM calls`,
  };
}

function refuses(program: Program, env: NodeJS.ProcessEnv): string | undefined {
  return permissionModel(program.wrapper ? [] : program.runtimeFlags, env)
    ? "Node's permission model is on, and a preload that may not be read would end the program"
    : undefined;
}

function permissionModel(words: readonly string[], env: NodeJS.ProcessEnv): boolean {
  const script = words.findIndex(word => !word.startsWith('-'));
  const options = script < 0 ? words : words.slice(0, script);
  return [...options, ...(env['NODE_OPTIONS'] ?? '').split(/\s+/)].some(word =>
    /^--(experimental-)?permission$/.test(word),
  );
}

/** A file name inside NODE_OPTIONS: quoted, because of spaces; a backslash inside quotes is an escape (Node >= 12). */
export function quoteForNodeOptions(file: string): string {
  return `"${file.replace(/[\\"]/g, '\\$&')}"`;
}

function nodeOptions(env: NodeJS.ProcessEnv, hook: string): Record<string, string> {
  const before = env['NODE_OPTIONS'] ?? '';
  const ours = `--require ${quoteForNodeOptions(hook)}`;
  if (before.includes(quoteForNodeOptions(hook))) return {};
  return {
    NODE_OPTIONS: place(ours, before),
    [VARIABLES.originalNodeOptions]: before,
  };
}

/** First, except that Yarn's Plug'n'Play has to be there before any other file can be required. */
function place(ours: string, before: string): string {
  const plugNPlay = /^\s*(?:(?:--require|-r)[ =])(?:"[^"]*\.pnp\.c?js"|\S*\.pnp\.c?js)/.exec(before);
  if (plugNPlay) return `${plugNPlay[0].trim()} ${ours}${before.slice(plugNPlay[0].length)}`;
  return before.trim() === '' ? ours : `${ours} ${before}`;
}
