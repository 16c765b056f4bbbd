/** LangChain and LangGraph: what runs in them, and below which run each request leaves. No SDK is there. */
import { beforeAll, describe, expect, jest, test } from '@jest/globals';
import { handedOver } from '../support/handed-over.js';
import { cleanEnvironment, run } from '../support/launcher.js';
import { anyPython, environment } from '../support/python-environments.js';
import { PROGRAMS } from '../support/python-observed.js';

jest.setTimeout(300_000);

let python: string;
beforeAll(async () => {
  python = await environment('langchain', await anyPython());
});

const runs = (way: string, content = false) => handedOver(python, ['langchain_runs.py', way], content);

const AGENT = `invoke_workflow helper
  invoke_agent helper
    model
      > request
    tools
      execute_tool weather
    model
      > request`;

describe('nesting', () => {
  test.each<[way: string, tree: string]>([
    ['sequence', 'invoke_workflow RunnableSequence\n  > request'],
    ['agent', AGENT],
    ['streamed_agent', AGENT],
    [
      'one_after_the_other',
      '> request\n> request\n> request\n> request\ninvoke_workflow RunnableSequence\n  > request\n> request',
    ],
    ['together', Array<string>(5).fill('invoke_workflow RunnableSequence\n  > request').join('\n')],
    ['node_with_own_client', 'invoke_workflow LangGraph\n  caller\n    > request\n> request'],
    [
      'agent_in_a_graph',
      `invoke_workflow LangGraph
  team
    invoke_agent inner
      model
        > request
      tools
        execute_tool weather
      model
        > request
  last
    > request`,
    ],
    ['left_early', 'invoke_workflow LangGraph\n  one\n    > request\ninvoke_workflow RunnableSequence\n  > request'],
    ['retrieval', 'invoke_workflow RunnableSequence\n  retrieval Shelf\n  > request'],
  ])('%s', async (way, tree) => {
    const seen = await runs(way);
    expect(seen).toMatchObject({ tree, status: 0, stderr: '' });
    // Whoever is named as a parent was noted before.
    for (const { parentSpanId } of seen.spans) if (parentSpanId) expect(seen.noted).toContain(parentSpanId);
    expect(seen.spans.filter(({ status }) => status.code !== undefined)).toEqual([]);
  });
});

describe('facts', () => {
  test('names and operations of the conventions; content only where it was asked for', async () => {
    const { spans } = await runs('agent');
    expect(spans.map(({ attributes }) => attributes).filter(each => each['gen_ai.operation.name'])).toEqual(
      expect.arrayContaining([
        { 'gen_ai.operation.name': 'invoke_workflow', 'gen_ai.workflow.name': 'helper' },
        { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': 'helper' },
        {
          'gen_ai.operation.name': 'execute_tool',
          'gen_ai.tool.name': 'weather',
          'gen_ai.tool.type': 'function',
          'gen_ai.tool.call.id': 'call_1',
        },
      ]),
    );
    expect(JSON.stringify(spans)).not.toMatch(/SECRET|Rome/);
    const told = (await runs('agent', true)).spans.find(({ name }) => name === 'execute_tool weather');
    expect(told?.attributes).toMatchObject({
      'gen_ai.tool.call.arguments': '{"city": "Rome"}',
      'gen_ai.tool.call.result': 'SECRETSUN',
    });
  });

  test('an error has its kind, and its text only with content', async () => {
    const [bare, told] = [await runs('failing'), await runs('failing', true)];
    for (const { spans, stdout } of [bare, told]) {
      expect(stdout).toBe('SECRETFAULT\n');
      expect(spans.map(({ name }) => name)).toEqual(['execute_tool broken', 'invoke_workflow RunnableLambda']);
      for (const { attributes, status } of spans) {
        expect([attributes['error.type'], status.code]).toEqual(['ValueError', 2]);
      }
    }
    expect(JSON.stringify(bare.spans)).not.toContain('SECRET');
    expect(told.spans[0]!.status.message).toBe('SECRETFAULT');
  });
});

test('the program sees no handler, hook or module of ours', async () => {
  const seen = await runs('nothing_to_see');
  const bare = await run([python, 'langchain_runs.py', 'nothing_to_see'], {
    cwd: PROGRAMS,
    env: cleanEnvironment({ LANGSMITH_TRACING: 'false' }),
  });
  expect(bare).toMatchObject({ status: 0, stderr: '' });
  expect(bare.stdout).toContain('[] ');
  expect(seen).toMatchObject({ stdout: bare.stdout, stderr: '', status: 0 });
});
