/** Kept runs that have all that the page shows: chats that grow, tools, pictures, an agent, errors, calls without messages. */
import type { StoredCall } from '../../src/store/kept-lines.js';
import { type CallFacts, call, keep, RUN, START, step } from '../store/kept.js';

const json = (value: unknown) => JSON.stringify(value);
const text = (content: string) => ({ type: 'text', content });

/** One point, red. */
export const PICTURE =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==';

/** What must stay text wherever it is shown. */
export const SCRIPT = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>';

const SYSTEM = [text('You are a careful assistant for a **book shop**. Answer in short sentences.')];

const TOOL = {
  type: 'function',
  name: 'find_books',
  description: 'Finds books by title or author',
  parameters: { type: 'object', properties: { query: { type: 'string' }, limit: { type: 'integer' } } },
};

const QUESTIONS = [
  'Do you have *The Left Hand of Darkness*?',
  'And anything newer by the same author?',
  'Put both into one order, please. Compare the prices in a table.',
];

const ANSWERS = [
  'Yes, two copies:\n\n- paperback, **$9.99**\n- hardcover, **$24.00**\n\nSee [the shelf](https://books.example/shelf).',
  'There is *Lavinia* (2008).\n\n```python\nbook = shop.find("Lavinia")\nprint(book.price)\n```',
  '| Book | Price |\n|---|---|\n| The Left Hand of Darkness | $9.99 |\n| Lavinia | $12.50 |\n\nThat is **$22.49** together.',
];

type Message = { role: string; parts: object[]; finish_reason?: string };

function chat(id: number, input: readonly Message[], output: readonly Message[], facts: CallFacts = {}): StoredCall {
  return call({
    id,
    ...facts,
    attributes: {
      'gen_ai.request.temperature': 0.2,
      'gen_ai.request.max_tokens': 800,
      'gen_ai.request.stream': true,
      'openai.api.type': 'chat_completions',
      'server.address': 'api.openai.com',
      'server.port': 443,
      'gen_ai.response.id': `chatcmpl-${id}`,
      'gen_ai.system_instructions': json(SYSTEM),
      'gen_ai.tool.definitions': json([TOOL]),
      'gen_ai.input.messages': json(input),
      'gen_ai.output.messages': json(output),
      ...facts.attributes,
    },
  });
}

const nanosAfter = (line: StoredCall, milliseconds: number) =>
  String(BigInt(line.start!) + BigInt(milliseconds) * 1_000_000n);

/** A chat of three turns; the second asks a tool first. */
function shopChat(session: string, first: number, at: number): StoredCall[] {
  const history: Message[] = [];
  const lines: StoredCall[] = [];
  QUESTIONS.forEach((question, turn) => {
    history.push({ role: 'user', parts: [text(question)] });
    const answer = { role: 'assistant', parts: [text(ANSWERS[turn]!)], finish_reason: 'stop' };
    if (turn === 1) {
      history.push(
        {
          role: 'assistant',
          parts: [{ type: 'tool_call', id: 'call_1', name: 'find_books', arguments: { query: 'Le Guin', limit: 5 } }],
        },
        {
          role: 'tool',
          parts: [{ type: 'tool_call_response', id: 'call_1', response: '[{"title":"Lavinia","price":12.5}]' }],
        },
      );
    }
    const line = chat(first + turn, history, [answer], {
      session,
      at: at + turn * 4000,
      took: 1800 + turn * 300,
      tokens: [120 + turn * 230, 60 + turn * 25],
      cost: 0.0021 * (turn + 1),
      trace: first + turn,
    });
    lines.push({ ...line, first_chunk: nanosAfter(line, 420 + turn * 60) });
    history.push(answer);
  });
  return lines;
}

/** An agent with a tool and two calls, one trace. */
function agent(): (StoredCall | ReturnType<typeof step>)[] {
  const trace = { trace_id: `${'0'.repeat(30)}a1` };
  const reasoned: Message = {
    role: 'assistant',
    parts: [
      { type: 'reasoning', content: 'The user wants the weather.\n\nI should ask the tool.' },
      text('It rains in Oslo.'),
    ],
    finish_reason: 'stop',
  };
  return [
    { ...step(500, 'invoke_agent planner', { at: 20_000, ...trace }), process: 'python3' },
    {
      ...chat(
        501,
        [
          {
            role: 'user',
            parts: [
              text('What is the weather in Oslo? Look at the picture.'),
              { type: 'blob', modality: 'image', mime_type: 'image/png', content: PICTURE },
              { type: 'uri', modality: 'image', uri: 'https://tracker.example/pixel.png' },
            ],
          },
        ],
        [
          {
            role: 'assistant',
            parts: [{ type: 'tool_call', id: 'w1', name: 'weather', arguments: { city: 'Oslo' } }],
            finish_reason: 'tool_calls',
          },
        ],
        {
          at: 20_100,
          took: 1500,
          parent: 500,
          tokens: [210, 30],
          cost: 0.004,
          model: 'claude-sonnet-4-5',
          provider: 'anthropic',
          attributes: { 'openai.api.type': undefined },
        },
      ),
      ...trace,
    },
    {
      ...step(502, 'execute_tool weather', {
        at: 21_700,
        parent: 500,
        ...trace,
        attributes: {
          'gen_ai.operation.name': 'execute_tool',
          'gen_ai.tool.name': 'weather',
          'gen_ai.tool.call.arguments': '{"city":"Oslo"}',
          'gen_ai.tool.call.result': '{"sky":"rain"}',
        },
      }),
      end: String(BigInt(START + 22_900) * 1_000_000n),
    },
    {
      ...chat(503, [{ role: 'user', parts: [text('What is the weather in Oslo?')] }], [reasoned], {
        at: 23_000,
        took: 1900,
        parent: 500,
        tokens: [260, 45],
        cost: 0.0052,
        model: 'claude-sonnet-4-5',
        provider: 'anthropic',
      }),
      ...trace,
    },
  ];
}

/** Writes them; newest run last. */
export function keepConversations(folder: string): void {
  keep(folder, [...shopChat('shop-1', 100, 0), ...shopChat('shop-2', 200, 60_000)]);
  keep(
    folder,
    [
      ...agent(),
      call({
        id: 600,
        at: 30_000,
        took: 400,
        error: 'rate_limit_exceeded',
        model: 'gpt-4o',
        trace: 600,
        more: { error_message: 'Rate limit reached for gpt-4o. Try again in 20 s.' },
      }),
      chat(
        601,
        [
          {
            role: 'user',
            parts: [text(`Look: ${SCRIPT} [a link](javascript:alert(1)) ![x](https://tracker.example/y.png)`)],
          },
        ],
        [{ role: 'assistant', parts: [text(SCRIPT)] }],
        { at: 31_000, took: 900, trace: 601, tokens: [20, 10], cost: 0.0001 },
      ),
      call({ id: 602, at: 32_000, took: 700, trace: 602, model: 'llama3.2', provider: 'ollama', tokens: [40, 12] }),
      call({ id: 603, at: 33_000, took: 200, trace: 603, error: 'timeout', model: 'gpt-4o-mini' }),
    ],
    { ...RUN, program: 'node', pid: 120, started: '2026-01-02T04:04:05.678Z', way: 'attach' },
  );
}

/** Calls and steps among them. */
export const CALLS = 12;
