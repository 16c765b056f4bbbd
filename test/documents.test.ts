/** What the documents name exists: files, links, flags, variables, scripts. Whether their sentences are true, nobody can test. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { LAUNCH_FLAGS, SETTINGS } from '../src/config/flags.js';
import { VARIABLES } from '../src/config/variables.js';

const ROOT = path.resolve(import.meta.dirname, '..');
const read = (file: string) => readFileSync(path.join(ROOT, file), 'utf8');
const json = (file: string) => JSON.parse(read(file));

const DOCUMENTS = ['README.md', 'AGENTS.md', 'CHANGELOG.md', 'docs', 'docs/internals', 'docs/decisions']
  .flatMap(name => (name.endsWith('.md') ? [name] : readdirSync(path.join(ROOT, name)).map(file => `${name}/${file}`)))
  .filter(file => file.endsWith('.md'));

/** Everything in backquotes and in blocks of code. */
const code = (text: string) => [...text.matchAll(/```[\s\S]*?```|`[^`\n]+`/g)].map(([each]) => each).join('\n');

const commands: { flags: object }[] = Object.values(json('oclif.manifest.json').commands);
const OURS = new Set([
  ...[...SETTINGS, ...LAUNCH_FLAGS].flatMap(({ flags }) => flags.map(flag => `--${flag}`)),
  ...commands.flatMap(({ flags }) => Object.keys(flags).map(flag => `--${flag}`)),
  '--help',
  '--version',
]);
/** Of pip, Docker, Node, Helm, kubectl, gunicorn, coverage.py, CI, scripts/corpus.mjs and bench/decode.mjs; `--no-X` stands for many of ours. */
const THEIRS = new Set([
  ...['--no-deps', '--require-hashes', '--rm', '--cap-add', '--inspect', '--permission', '--require', '--preload'],
  ...['--set', '--create-namespace', '--field-selector'],
  ...['--inspect-brk', '--inspect-wait', '--import', '--loader'],
  ...['--before', '--fail-under', '--fail-over', '--chunks', '--clothes', '--compile', '--no-X'],
]);

/** What switches tests on that need more than this repository. */
const OF_TESTS = new Set(
  readdirSync(path.join(ROOT, 'test'), { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.ts') && !file.includes('node_modules'))
    .flatMap(file => read(`test/${file}`).match(/OPENLIT_TEST_[A-Z_]*[A-Z]/g) ?? []),
);

function isKnown(flag: string): boolean {
  const plain = flag.replaceAll('_', '-');
  return OURS.has(plain) || OURS.has(plain.replace(/^--no-/, '--')) || THEIRS.has(flag);
}

/** As GitHub makes anchors of titles. */
const titlesOf = (text: string) =>
  [...text.matchAll(/^#+ (.+)$/gm)].map(([, title]) =>
    title!
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );

test.each(DOCUMENTS.filter(name => /^docs\/(internals\/)?[^/]+$/.test(name) && name !== 'docs/README.md'))(
  '%s stands in the index',
  document => expect(read('docs/README.md')).toContain(`](${document.slice('docs/'.length)})`),
);

describe.each(DOCUMENTS)('%s', document => {
  const text = read(document);

  test('its links lead to files', () => {
    const links = [...text.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)].map(([, link]) => link!);
    expect(links.filter(link => !existsSync(path.resolve(ROOT, path.dirname(document), link)))).toEqual([]);
  });

  test('its links lead to titles', () => {
    const links = [...text.matchAll(/\]\(([^)#:]*)#([^)]+)\)/g)].map(([, file, title]) => [file!, title!] as const);
    const lost = links.filter(([file, title]) => {
      const target = file === '' ? document : path.join(path.dirname(document), file);
      return !titlesOf(read(target)).includes(title);
    });
    expect(lost).toEqual([]);
  });

  test('its files are there', () => {
    const files = [...code(text).matchAll(/(?<![\w./-])(?:src|test|bpf|bench|scripts|examples|docs)\/[\w./-]*\w/g)];
    expect(files.map(([file]) => file).filter(file => !existsSync(path.join(ROOT, file)))).toEqual([]);
  });

  test('its flags and variables are ours', () => {
    const flags = [...code(text).matchAll(/(?<![\w-])--[a-z][\w-]*/g)].map(([flag]) => flag);
    expect(flags.filter(flag => !isKnown(flag))).toEqual([]);
    const names: string[] = Object.values(VARIABLES);
    const variables = [...code(text).matchAll(/\b(?:OPENLIT|OTEL)_[A-Z_]*[A-Z]\b(?!\*)/g)].map(([name]) => name);
    expect(variables.filter(name => !names.includes(name) && !OF_TESTS.has(name))).toEqual([]);
  });

  test('its scripts can be run', () => {
    const { scripts } = json('package.json');
    const words = [...code(text).matchAll(/npm run ([\w:]+)(?: -- ([a-z-]+))?/g)];
    for (const [whole, script, bench] of words) {
      expect([whole, Object.keys(scripts)]).toEqual([whole, expect.arrayContaining([script])]);
      if (script === 'bench' && bench)
        expect([whole, existsSync(path.join(ROOT, `bench/${bench}.mjs`))]).toEqual([whole, true]);
    }
  });
});
