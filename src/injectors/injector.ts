/** The shape of every injector: a pure function from a program and an environment to what has to be set, or a reason. */
import type { SettingId } from '../config/flags.js';
import type { Origin } from '../config/layers.js';
import type { Settings } from '../config/settings.js';
import { VARIABLES } from '../config/variables.js';
import type { RuntimeName } from '../machine/runtimes.js';

/** What `detect.ts` found out about the program, without starting it. */
export interface Program {
  /** As typed; `argv[0]` stays as it is. */
  readonly argv: readonly string[];
  /** Absolute or as typed with a slash: what is given to exec. */
  readonly path: string;
  /** Runtimes that this program is or may start; empty when none is known. */
  readonly runtimes: readonly RuntimeName[];
  /** True for npm, uv, sh and the like: they start the program, they are not it. */
  readonly wrapper: boolean;
  /** The Python that will run it, when that is known without starting anything. */
  readonly python?: string;
  /** Its version, where its file says it: `3.8`. */
  readonly pythonVersion?: string;
  /** Words that the runtime itself gets, from the shebang and the command line: `['-I']`. */
  readonly runtimeFlags: readonly string[];
  /** How it was found, step by step, for people. */
  readonly why: readonly string[];
  /** Facts that keep a hook from working, such as `sudo` wiping the environment. */
  readonly caveats: readonly string[];
}

/** Absolute paths of the files that run inside the program. */
export interface Hooks {
  /** Folder with `sitecustomize.py`. */
  readonly python: string;
  /** `hook.cjs` */
  readonly node: string;
}

export interface InjectorInput {
  readonly program: Program;
  readonly settings: Settings;
  readonly sources: ReadonlyMap<SettingId, Origin>;
  readonly env: NodeJS.ProcessEnv;
  readonly hooks: Hooks;
  /** Does this file exist and can it be read? Handed in, so that an injector stays pure. */
  readonly readable: (file: string) => boolean;
}

export type Outcome =
  | { readonly mine: true; readonly env: Readonly<Record<string, string>>; readonly why: string }
  | { readonly mine: false; readonly because: string };

export interface Injector {
  /** What in the program's words and variables keeps the hook from working, told without settings. */
  readonly refuses: (program: Program, env: NodeJS.ProcessEnv) => string | undefined;
  /** Asked only where nothing keeps it from working. */
  readonly inject: (input: InjectorInput) => Outcome;
}

/** What a hook has to know before its first line; all else comes through the one variable of the launch. */
export function switches({ quiet }: Settings): Record<string, string> {
  return quiet ? { [VARIABLES.quiet]: '1' } : {};
}
