/** What the page's server answers about kept calls. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type {
  CallDetail,
  CallsPage,
  Processes,
  PromptDiff,
  Run,
  Session,
  SessionDetail,
  TraceNode,
} from '../../src/ui/api.js';
import { call, hex, keep, newFolder, RUN } from '../store/kept.js';
import { CALLS, keepConversations, PICTURE, SCRIPT } from './conversations.js';
import { type Served, serve } from './served.js';

let served: Served;
let folder: string;
beforeAll(async () => {
  folder = newFolder();
  keepConversations(folder);
  served = await serve(folder);
  await whole(served, CALLS);
});
afterAll(async () => served.close());

/** The list once all that is kept was read. */
async function whole(page: Served, calls: number, words = ''): Promise<CallsPage> {
  for (;;) {
    const list = await page.json<CallsPage>(`/api/calls?${words}`);
    if (list.total >= calls) return list;
    await new Promise(resolve => setTimeout(resolve, 20));
  }
}

const list = (words: string) => served.json<CallsPage>(`/api/calls?${words}`);
const detail = (id: number) => served.json<CallDetail>(`/api/call?id=${hex(id)}`);

describe('the list', () => {
  test('has all calls, the newest first, with their sums', async () => {
    const { rows, sums, total } = await list('');
    expect(total).toBe(CALLS);
    expect(sums).toMatchObject({ calls: CALLS, errors: 2 });
    const times = rows.map(({ start }) => start!);
    expect(times).toEqual([...times].sort((a, b) => b - a));
  });

  test('is handed out in windows that fit together', async () => {
    const { rows } = await list('');
    const [one, other] = [await list('offset=0&limit=5'), await list('offset=5&limit=500')];
    expect([...one.rows, ...other.rows].map(({ id }) => id)).toEqual(rows.map(({ id }) => id));
    expect((await list('offset=1000')).rows).toEqual([]);
  });

  test.each([
    ['model=gpt-4o', 1],
    ['provider=anthropic', 2],
    ['error=1', 2],
    ['error=timeout', 1],
    ['session=shop-1', 3],
    ['model=nothing', 0],
    ['text=lavinia', 4],
    ['text=Rate+limit+reached', 1],
    ['text=lavinia&session=shop-2', 2],
  ])('%s chooses %i calls, and sums them', async (words, calls) => {
    const { total, sums, rows } = await list(words);
    expect([total, rows.length, sums.calls]).toEqual([calls, calls, calls]);
  });

  test.each(['duration', 'cost', 'inputTokens', 'firstChunk'] as const)(
    'is sorted by %s, what is not known last',
    async key => {
      for (const order of ['up', 'down']) {
        const { rows } = await list(`sort=${key}&order=${order}`);
        const values = rows.map(row => (key === 'cost' ? row.cost?.amount : row[key]));
        const known = values.filter(value => value !== undefined);
        expect(known.length).toBeGreaterThan(2);
        expect(values.slice(0, known.length)).toEqual(known);
        expect(known).toEqual([...known].sort((a, b) => (order === 'up' ? a - b : b - a)));
      }
    },
  );

  test('a run, by its key', async () => {
    const runs = await served.json<Run[]>('/api/runs');
    expect(runs.map(({ program, way, calls }) => [program, way, calls])).toEqual([
      ['node', 'attach', 6],
      ['python3', 'run', 6],
    ]);
    expect((await list(`run=${runs[0]!.key}`)).total).toBe(6);
    expect((await list('run=none')).total).toBe(0);
  });

  test('steps from error to error, both ways, and ends', async () => {
    const next = (words: string) => served.json<{ offset?: number; id?: string }>(`/api/next-error?${words}`);
    const first = await next('');
    const second = await next(`from=${first.offset}`);
    expect([first.id, second.id].sort()).toEqual([hex(600), hex(603)]);
    expect(await next(`from=${second.offset}`)).toEqual({});
    expect(await next(`from=${second.offset}&step=back`)).toEqual(first);
    expect(await served.json(`/api/place?id=${second.id}`)).toEqual({ offset: second.offset });
  });

  test.each(['offset=x', 'limit=-1', 'sort=nothing', 'offset=1e9'])('%s is refused with the reason', async words => {
    const reply = await served.ask(`/api/calls?${words}`, { headers: { cookie: await served.cookie() } });
    expect(reply.status).toBe(400);
    expect(JSON.parse(reply.body).error).toContain(words.split('=')[0]);
  });
});

test('calls that come later join the list, and a list that was asked for stays', async () => {
  const own = newFolder();
  keep(own, [call({ id: 1, at: 0 })]);
  const page = await serve(own);
  const before = await whole(page, 1);
  keep(own, [call({ id: 2, at: 10 }), call({ id: 3, at: 20, error: 'timeout' })]);
  const after = await whole(page, 3);
  expect(after.rows.map(({ id }) => id)).toEqual([hex(3), hex(2), hex(1)]);
  expect(after.sums).toMatchObject({ calls: 3, errors: 1 });
  const paused = await page.json<CallsPage>(`/api/calls?upto=${before.upto}`);
  expect([paused.total, paused.sums.calls, paused.rows.map(({ id }) => id)]).toEqual([1, 1, [hex(1)]]);
  await page.close();
});

describe('one call', () => {
  test('is a chat: system, history, tool, answer', async () => {
    const { input, output, tools, previous, line } = await detail(101);
    expect(input.map(({ role }) => role)).toEqual(['system', 'user', 'assistant', 'user', 'assistant', 'tool']);
    expect(input[4]!.parts[0]).toMatchObject({ type: 'tool_call', name: 'find_books' });
    expect(JSON.parse(input[4]!.parts[0]!.text)).toEqual({ query: 'Le Guin', limit: 5 });
    expect(input[5]!.parts[0]).toMatchObject({ type: 'tool_result', id: 'call_1' });
    expect(output[0]).toMatchObject({ role: 'assistant', finish: 'stop' });
    expect(output[0]!.parts[0]).toHaveProperty('html', expect.stringContaining('<pre><code class="language-python">'));
    expect(tools).toMatchObject([{ name: 'find_books', description: 'Finds books by title or author' }]);
    expect(previous).toBe(hex(100));
    expect(line).toMatchObject({ id: hex(101) });
  });

  test('a script in a prompt stays text, a link to one is none, and no picture is fetched', async () => {
    const { input, output } = await detail(601);
    for (const message of [...input, ...output])
      for (const part of message.parts) {
        const { html = '' } = part as { html?: string };
        expect(html).not.toMatch(/<script|<img|onerror="|href="javascript/i);
      }
    expect(output[0]!.parts[0]!.text).toBe(SCRIPT);
    expect((output[0]!.parts[0] as { html?: string }).html).toContain('&lt;script&gt;');
  });

  test('pictures that were in the call are shown, an address is not', async () => {
    const [, user] = (await detail(501)).input;
    expect(user!.parts[1]).toMatchObject({ type: 'image', source: `data:image/png;base64,${PICTURE}` });
    expect(user!.parts[2]).toEqual({ type: 'image', text: 'https://tracker.example/pixel.png' });
  });

  test('without messages says so by having none; an error has its text', async () => {
    const failed = await detail(600);
    expect([failed.input, failed.output]).toEqual([[], []]);
    expect(failed.line).toMatchObject({ error_message: expect.stringContaining('Rate limit') });
    expect(failed.curl).toEqual({ why: expect.stringContaining('--capture-content') });
  });

  test('as curl: the request again, with the key by name', async () => {
    const { curl } = await detail(100);
    const { command } = curl as { command: string };
    expect(command).toContain("curl 'https://api.openai.com/v1/chat/completions'");
    expect(command).toContain('"authorization: Bearer $OPENAI_API_KEY"');
    const [, body = ''] = /-d '(.*)'$/s.exec(command) ?? [];
    const sent = JSON.parse(body.replaceAll("'\\''", "'"));
    expect(sent).toMatchObject({ model: 'gpt-4o-mini', temperature: 0.2, stream: true });
    expect(sent.messages.map(({ role }: { role: string }) => role)).toEqual(['system', 'user']);
    const anthropic = await detail(503);
    expect((anthropic.curl as { command: string }).command).toContain('x-api-key: $ANTHROPIC_API_KEY');
  });

  test.each(['', 'x', hex(9999), '../../etc'])('%j is no call', async id => {
    const reply = await served.ask(`/api/call?id=${encodeURIComponent(id)}`, {
      headers: { cookie: await served.cookie() },
    });
    expect(reply.status).toBe(404);
  });
});

test('a trace is a tree with agent, tool and calls', async () => {
  const nodes = await served.json<TraceNode[]>(`/api/trace?id=${hex(503)}`);
  expect(nodes.map(({ depth, row }) => [depth, row.kind, row.name ?? row.model])).toEqual([
    [0, 'span', 'invoke_agent planner'],
    [1, 'llm', 'claude-sonnet-4-5'],
    [1, 'span', 'execute_tool weather'],
    [1, 'llm', 'claude-sonnet-4-5'],
  ]);
  const { below } = nodes[0]!;
  const calls = nodes.filter(({ row }) => row.kind === 'llm').map(({ row }) => row);
  expect(below?.inputTokens).toBe(calls.reduce((sum, row) => sum + (row.inputTokens ?? 0), 0));
  expect(nodes[1]).not.toHaveProperty('below');
});

test('a trace is searched: what has the text, in a message too, and what stands above it', async () => {
  const search = (text: string) => served.json<TraceNode[]>(`/api/trace?id=${hex(503)}&text=${text}`);
  expect((await search('ask+the+TOOL')).map(({ row, found }) => [row.id, found])).toEqual([
    [hex(500), false],
    [hex(503), true],
  ]);
  expect((await search('execute_tool')).map(({ row, found }) => [row.id, found])).toEqual([
    [hex(500), false],
    [hex(502), true],
  ]);
  expect(await search('nothing+of+this+kind')).toEqual([]);
});

describe('what changed in a prompt', () => {
  const diff = (id: number) => served.json<PromptDiff>(`/api/diff?id=${hex(id)}`);

  test('is what was added since the call before it in the session', async () => {
    const { previous, messages, growth } = await diff(101);
    expect(previous?.id).toBe(hex(100));
    expect(messages.map(({ change, role }) => [change, role])).toEqual([
      ['same', 'system'],
      ['same', 'user'],
      ['added', 'assistant'],
      ['added', 'user'],
      ['added', 'assistant'],
      ['added', 'tool'],
    ]);
    expect(growth.map(({ inputTokens }) => inputTokens)).toEqual([120, 350]);
  });

  test('of a message that changed, its words', async () => {
    const { messages } = await served.json<PromptDiff>(`/api/diff?id=${hex(503)}&with=${hex(501)}`);
    const changed = messages.find(({ change }) => change === 'changed')!;
    expect(
      changed.pieces
        .filter(([kind]) => kind === 'removed')
        .map(([, text]) => text)
        .join(''),
    ).toContain('picture');
    expect(
      changed.pieces
        .filter(([kind]) => kind !== 'removed')
        .map(([, text]) => text)
        .join(''),
    ).toBe('What is the weather in Oslo?');
  });

  test('of a first call, and of calls without messages, says why there is nothing', async () => {
    expect((await diff(100)).why).toMatch(/first call/);
    expect((await diff(603)).why).toMatch(/--capture-content/);
  });
});

test('sessions, the last one first, and one with its cost so far', async () => {
  const sessions = await served.json<Session[]>('/api/sessions');
  expect(sessions.map(({ key, sums }) => [key, sums.calls])).toEqual([
    ['shop-2', 3],
    ['shop-1', 3],
  ]);
  const { calls, sums } = await served.json<SessionDetail>('/api/session?key=shop-1');
  expect(calls.map(({ cost }) => cost)).toEqual([0.0021, 0.0042, expect.closeTo(0.0063, 6)]);
  expect(sums.cost['USD']).toBeCloseTo(0.0126, 6);
});

test('processes are what the machine says, and changes come as events', async () => {
  expect(await served.json<Processes>('/api/processes')).toEqual({ processes: [], unreadable: 0 });
  const { status, headers } = await served.ask('/api/events', { headers: { cookie: await served.cookie() } });
  expect([status, headers['content-type']]).toEqual([200, 'text/event-stream; charset=utf-8']);
});

test('a run that is removed stays in the list, and its call says that its file is gone', async () => {
  const own = newFolder();
  const file = keep(own, [call({ id: 7 })], RUN);
  const page = await serve(own);
  await whole(page, 1);
  (await import('node:fs')).rmSync(file);
  const { row, line, curl } = await page.json<CallDetail>(`/api/call?id=${hex(7)}`);
  expect([row.id, line, curl]).toEqual([hex(7), undefined, { why: 'the file of this call is gone' }]);
  await page.close();
});
