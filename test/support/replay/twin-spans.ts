/** One call as two observers told it: what must be the same, and what is not. */
import type { FlatSpan } from '../otlp-receiver.js';
import { outputText, toolCalls } from './compare-span.js';

/** Facts of a call on which everybody must agree. */
const FACTS = [
  'gen_ai.provider.name',
  'gen_ai.operation.name',
  'gen_ai.conversation.id',
  'gen_ai.response.id',
  'gen_ai.response.model',
  'gen_ai.response.finish_reasons',
  'gen_ai.embeddings.dimension.count',
  'gen_ai.output.type',
  'error.type',
  'http.response.status_code',
  'server.address',
] as const;

const isFact = (name: string) =>
  (FACTS as readonly string[]).includes(name) || /^gen_ai\.(request|usage)\.(?!cost)/.test(name);

/** `name: launch | attach` of each fact that differs. */
export function differences(launch: FlatSpan, attach: FlatSpan): string[] {
  const names = new Set([...Object.keys(launch.attributes), ...Object.keys(attach.attributes)].filter(isFact));
  const different = [...names]
    .sort()
    .flatMap(name => differing(name, launch.attributes[name], attach.attributes[name]));
  return [...differing('span', launch.name, attach.name), ...different];
}

/** The same for what was said; where one of them has no content at all, that is the difference. */
export function contentDifferences(launch: FlatSpan, attach: FlatSpan): string[] {
  return [
    ...differing('output_text', outputText(launch.attributes), outputText(attach.attributes)),
    ...differing('tool_calls', toolCalls(launch.attributes), toolCalls(attach.attributes)),
  ];
}

function differing(name: string, launch: unknown, attach: unknown): string[] {
  const [one, other] = [JSON.stringify(launch), JSON.stringify(attach)];
  return one === other ? [] : [`${name}: ${one} | ${other}`];
}
