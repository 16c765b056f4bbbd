/** Writes a commented openlit.yml for this folder; never over a file that is there. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { OwnCommand } from '../cli/own-command.js';
import { refuseWords } from '../cli/own-words.js';
import { say, write } from '../cli/say.js';
import { FILE_NAMES, findFile } from '../config/find-file.js';
import { type Detected, starterFile } from '../config/starter.js';
import { VARIABLES } from '../config/variables.js';
import { EXIT_STATUS, fileReason, Problem } from '../errors.js';

export default class Init extends OwnCommand {
  static override readonly summary = 'write a commented openlit.yml for this folder';
  static override readonly description =
    'The name comes from package.json or pyproject.toml, endpoint and environment from the OTEL_* variables that are set. An existing file is never overwritten.';
  static override readonly examples = ['<%= config.bin %> init'];

  override async work(): Promise<number> {
    const words = this.readWords();
    refuseWords('init', words.words);
    await this.parse(Init, [...words.flags]);
    const folder = process.cwd();
    const present = FILE_NAMES.map(name => path.join(folder, name)).find(file => existsSync(file));
    if (present) throw alreadyThere(present);
    const above = findFile(folder);
    const file = path.join(folder, FILE_NAMES[0]);
    create(file, starterFile(detectFolder(folder, process.env), schemaFrom(folder)));
    write(1, `${file}\n`);
    if (above) say(`${above} is no longer used in this folder: the nearest file wins`);
    return EXIT_STATUS.done;
  }
}

/** Of a local install only: a path of this machine has no place in a file that is committed. */
function schemaFrom(folder: string): string | undefined {
  const local = 'node_modules/openlit-instrument/openlit.schema.json';
  return existsSync(path.join(folder, local)) ? `./${local}` : undefined;
}

/** `wx`: also a file that appeared a moment ago stays as it is. */
function create(file: string, text: string): void {
  try {
    writeFileSync(file, text, { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw alreadyThere(file);
    throw new Problem({ code: 'NOT_WRITTEN', message: `${file} cannot be written`, reason: fileReason(error) });
  }
}

function alreadyThere(file: string): Problem {
  return new Problem({
    code: 'FILE_EXISTS',
    message: `${file} already exists; not overwritten`,
    fixes: ['openlit-instrument config'],
    exit: EXIT_STATUS.failed,
  });
}

function detectFolder(folder: string, env: NodeJS.ProcessEnv): Detected {
  const serviceName = env[VARIABLES.serviceName] || nameOf(folder);
  const environment = env[VARIABLES.environment];
  const endpoint = env[VARIABLES.endpoint];
  return {
    ...(serviceName ? { serviceName } : {}),
    ...(environment ? { environment } : {}),
    // An address with a password in it does not belong into a file that is committed.
    ...(endpoint && !/\/\/[^/]*@/.test(endpoint) ? { endpoint } : {}),
  };
}

/** `name` of package.json, or of `[project]` or `[tool.poetry]` in pyproject.toml. */
function nameOf(folder: string): string | undefined {
  try {
    const { name } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as { name?: unknown };
    if (typeof name === 'string' && name !== '') return name.replace(/^@[^/]+\//, '');
  } catch {
    // No package.json, or none that can be read: perhaps a Python project.
  }
  try {
    const text = readFileSync(path.join(folder, 'pyproject.toml'), 'utf8');
    return /^\[(?:project|tool\.poetry)\][^[]*?^name\s*=\s*["']([^"'\n]+)["']/ms.exec(text)?.[1];
  } catch {
    return undefined;
  }
}
