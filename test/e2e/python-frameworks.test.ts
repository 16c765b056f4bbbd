/** Frameworks that report what they do, and models in the process: what is handed over, and what the program notices. */
import { beforeAll, describe, expect, jest, test } from '@jest/globals';
import { handedOver } from '../support/handed-over.js';
import { cleanEnvironment, run } from '../support/launcher.js';
import { anyPython, environment, pythonWithSdk, SDK_CACHE } from '../support/python-environments.js';
import { PROGRAMS } from '../support/python-observed.js';

jest.setTimeout(300_000);

const AGENT = `  invoke_agent helper
    > request
    execute_tool weather
    > request`;
const indentLess = (tree: string) => tree.replaceAll(/^ {2}/gm, '');

describe('with a hook of their own', () => {
  let python: string;
  beforeAll(async () => {
    python = await environment('frameworks', await anyPython());
  });

  test.each<[way: string, tree: string]>([
    ['openai_agents', Array(2).fill(`invoke_workflow Agent workflow\n${AGENT}`).join('\n')],
    ['openai_agents untraced', Array(2).fill(`invoke_workflow\n${AGENT}`).join('\n')],
    ['pydantic_ai', Array(3).fill(indentLess(AGENT)).join('\n')],
    [
      'haystack',
      `invoke_workflow pipeline
  prompt
  writer
    > request
invoke_agent agent
  > request
  execute_tool weather
  > request`,
    ],
  ])('%s', async (way, tree) => {
    const args = ['framework_runs.py', ...way.split(' ')];
    const seen = await handedOver(python, args);
    expect(seen).toMatchObject({ tree, status: 0 });
    const bare = await run([python, ...args], { cwd: PROGRAMS, env: cleanEnvironment() });
    expect([seen.stdout, seen.stderr]).toEqual([bare.stdout, bare.stderr]);
    expect(JSON.stringify(seen.spans)).not.toMatch(/SECRET|Rome/);
  });
});

describe("by OpenLIT's SDK", () => {
  test('the call of a model in the process; the program has its own openlit, and no call of it fails by us', async () => {
    const python = await pythonWithSdk('frameworks');
    const seen = await handedOver(python, ['in_process.py'], false, { OPENLIT_INSTRUMENT_CACHE_DIR: SDK_CACHE });
    const bare = await run([python, 'in_process.py'], { cwd: PROGRAMS, env: cleanEnvironment() });
    expect(bare.stdout).toBe(
      'SECRETANSWER\nSECRETANSWER\nSECRETFAULT\n[]\nPicklingError\nModuleNotFoundError\nModuleNotFoundError\nTrue True\nSECRETANSWER\n',
    );
    expect([seen.stdout, seen.stderr]).toEqual([bare.stdout, bare.stderr]);
    expect(seen.spans.map(({ scope, name, attributes }) => [scope, name, attributes['error.type']])).toEqual([
      ['gpt4all', 'chat tiny.gguf', undefined],
      ['gpt4all', 'chat tiny.gguf', 'ValueError'],
    ]);
    expect(seen.spans[0]!.attributes).toMatchObject({
      'gen_ai.operation.name': 'chat',
      'gen_ai.request.model': 'tiny.gguf',
    });
    expect(JSON.stringify(seen.spans)).not.toContain('SECRET');
  });

  test('without a copy one line says what to type, and the program runs', async () => {
    const python = await environment('frameworks', await anyPython());
    const seen = await handedOver(python, ['in_process.py'], false, { OPENLIT_INSTRUMENT_CACHE_DIR: '/nowhere' });
    expect(seen).toMatchObject({ status: 0, spans: [] });
    expect(seen.stderr).toMatch(
      /^openlit-instrument: of gpt4all only the LLM calls are seen; for the rest type: openlit-instrument setup python --python .*\n$/,
    );
  });
});
