/** `show` of one call: figures, parameters, messages, tools, ids. */
import { ATTRIBUTE, SAID_ATTRIBUTES } from '../../calls/genai-attributes.js';
import type { CallRow } from '../../store/call-table.js';
import { conversationOf, type KeptMessage, type Part, partText, toolNameOf } from '../../store/conversation.js';
import { isSpanLine, type StoredLine } from '../../store/kept-lines.js';
import { count, money, seconds } from '../numbers.js';
import type { Palette } from '../palette.js';
import { cleanText, fill, width } from '../text.js';
import { nameOf } from './calls-table.js';

export interface DetailOptions {
  readonly palette: Palette;
  readonly limit: number | undefined;
}

/** Column of the values. */
const LABEL = 12;

/** Shown by themselves, or as figures. */
const SHOWN_ELSEWHERE = new Set<string>([
  ATTRIBUTE.operationName,
  ATTRIBUTE.providerName,
  ATTRIBUTE.requestModel,
  ...SAID_ATTRIBUTES,
  ATTRIBUTE.errorType,
  ATTRIBUTE.partial,
  ATTRIBUTE.responseFinishReasons,
  ATTRIBUTE.responseTimeToFirstChunk,
  ATTRIBUTE.usageCost,
  ATTRIBUTE.usageTotalTokens,
  ATTRIBUTE.costSource,
  ATTRIBUTE.costPriceData,
]);

/** @param program of its run; @param run id of the run */
export function renderCall(line: StoredLine, row: CallRow, run: string, { palette, limit }: DetailOptions): string[] {
  const lines: string[] = [];
  const add = (label: string, text: string | undefined, style = (each: string) => each) => {
    if (text === undefined || text === '') return;
    const room = limit === undefined ? undefined : Math.max(16, limit - LABEL);
    const name = palette.quiet(fitLabel(label));
    for (const [index, part] of fill(cleanText(text), room).entries())
      lines.push(`${index === 0 ? name : ' '.repeat(LABEL)}${style(part)}`);
  };
  const title = row.kind === 'span' ? nameOf(row) : `${row.operation ?? ''} ${nameOf(row)}`.trim();
  lines.push(...fill(cleanText(title), limit).map(each => palette.strong(each)));
  add('id', `${row.id}, run ${run}`);
  add('trace', row.traceId + (row.parentId === undefined ? '' : `, below ${row.parentId}`), palette.quiet);
  add('process', processText(row));
  add('began', row.start === undefined ? undefined : new Date(row.start).toISOString());
  add('took', tookText(row));
  add('tokens', tokensLine(row));
  add('cost', costLine(line, row));
  if (row.error !== undefined) add('error', errorText(line, row.error), palette.bad);
  add('end', row.finish);
  if (!isSpanLine(line)) {
    if (line.partial.length > 0)
      add('partial', `${line.partial.join(', ')}: not all of this call was seen`, palette.warning);
    if (line.same_as !== undefined)
      add('seen before', `the same call as ${line.same_as}; it counts there`, palette.quiet);
  }
  const facts = Object.entries(line.attributes ?? {}).filter(
    ([name]) => !SHOWN_ELSEWHERE.has(name) && !/^gen_ai\.usage\./.test(name),
  );
  for (const [title, wanted] of GROUPS) {
    const own = facts.filter(([name]) => wanted.test(name));
    if (own.length > 0) lines.push('', palette.quiet(title));
    for (const [name, value] of own) {
      const [first = '', ...more] = fill(
        `${name.replace(PREFIX, '')}: ${cleanText(valueText(value))}`,
        limit && limit - 4,
      );
      lines.push(`  ${first}`, ...more.map(text => `    ${text}`));
    }
  }
  return [...lines, ...contentLines(line, row, { palette, limit })];
}

const PREFIX = /^gen_ai\.(request|response)\.|^gen_ai\./;
const GROUPS: readonly (readonly [title: string, wanted: RegExp])[] = [
  [
    'request',
    /^gen_ai\.(request|output|embeddings|conversation|prompt|tool|agent|workflow)\b|^(openai|aws|azure)\.|^mcp\./,
  ],
  ['response', /^gen_ai\.response\.|^http\.|^rpc\.|^jsonrpc\./],
  ['server', /^server\.|^network\./],
  [
    'other',
    /^(?!gen_ai\.(request|output|embeddings|conversation|prompt|tool|agent|workflow|response)\b|(openai|aws|azure|mcp|http|rpc|jsonrpc|server|network)\.)/,
  ],
];

const fitLabel = (label: string) => label + ' '.repeat(Math.max(1, LABEL - width(label)));
const valueText = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));

function processText({ process, pid }: CallRow): string | undefined {
  return process === undefined
    ? pid === undefined
      ? undefined
      : `pid ${pid}`
    : `${process}${pid === undefined ? '' : ` (pid ${pid})`}`;
}

function tookText({ duration, firstChunk }: CallRow): string | undefined {
  if (duration === undefined) return undefined;
  return seconds(duration) + (firstChunk === undefined ? '' : `, first chunk after ${seconds(firstChunk)}`);
}

function tokensLine({ inputTokens, outputTokens, cacheReadTokens, reasoningTokens }: CallRow): string | undefined {
  if (inputTokens === undefined && outputTokens === undefined) return undefined;
  const more = [
    cacheReadTokens === undefined ? '' : `${cacheReadTokens} of the input cached`,
    reasoningTokens === undefined ? '' : `${reasoningTokens} of the output reasoning`,
  ].filter(Boolean);
  return `${inputTokens ?? count(undefined)} in, ${outputTokens ?? count(undefined)} out${more.length === 0 ? '' : ` (${more.join(', ')})`}`;
}

function costLine(line: StoredLine, { cost, kind }: CallRow): string | undefined {
  if (cost === undefined) return kind === 'llm' ? 'not known' : undefined;
  const source = isSpanLine(line) ? undefined : line.cost?.source;
  const from = line.attributes?.[ATTRIBUTE.costPriceData];
  const how =
    source === 'reported' ? 'as the provider says' : typeof from === 'string' ? `prices of ${from}` : undefined;
  return money(cost.amount, cost.currency) + (how === undefined ? '' : ` (${how})`);
}

function errorText({ error_message: message }: StoredLine, type: string): string {
  return message === undefined ? `${type} (its text is kept with --capture-content)` : `${type}: ${message}`;
}

function contentLines(line: StoredLine, { kind, content }: CallRow, options: DetailOptions): string[] {
  if (kind === 'mcp' || isSpanLine(line)) return toolRunLines(line, options);
  if (!content) return notKept('The messages were not kept. To keep them, run with --capture-content.', options);
  const { system, input, output, tools } = conversationOf(line);
  const lines: string[] = [];
  if (tools.length > 0) {
    const names = cleanText(`tools offered: ${tools.map(toolNameOf).join(', ')}`);
    lines.push('', ...fill(names, options.limit).map(each => options.palette.quiet(each)));
  }
  if (system.length > 0) lines.push(...messageLines('system', system, options));
  for (const message of input) lines.push(...messageLines(message.role, message.parts, options));
  for (const message of output) lines.push(...messageLines(answerRole(message), message.parts, options, true));
  return lines;
}

const answerRole = ({ role, finishReason }: KeptMessage) =>
  finishReason === undefined ? role : `${role}, ${finishReason}`;

/** Of a tool or an MCP call: with what it was called, and what came of it. */
function toolRunLines({ attributes }: StoredLine, options: DetailOptions): string[] {
  const [args, result] = [attributes?.[ATTRIBUTE.toolCallArguments], attributes?.[ATTRIBUTE.toolCallResult]];
  const tool = attributes?.[ATTRIBUTE.toolName] !== undefined;
  // Whether content was on is not kept: a framework may report neither all the same.
  const hint = 'No arguments or results were kept; --capture-content keeps them where the framework reports them.';
  if (args === undefined && result === undefined) return tool ? notKept(hint, options) : [];
  return [
    ...(args === undefined ? [] : messageLines('arguments', [{ content: pretty(args) }], options)),
    ...(result === undefined ? [] : messageLines('result', [{ content: pretty(result) }], options, true)),
  ];
}

function notKept(text: string, { palette, limit }: DetailOptions): string[] {
  return ['', ...fill(text, limit).map(each => palette.quiet(each))];
}

/** One message: who, then the text, each line of it below a bar. */
function messageLines(
  role: string,
  parts: readonly Part[],
  { palette, limit }: DetailOptions,
  answer = false,
): string[] {
  const style = answer ? palette.good : palette.accent;
  const lines = ['', ...fill(`${answer ? '<' : '>'} ${cleanText(role)}`, limit).map(each => style(each))];
  const bar = '  ';
  const room = limit === undefined ? undefined : Math.max(16, limit - 2);
  for (const part of parts) {
    for (const text of textOf(part).split('\n')) {
      for (const piece of wrapHard(cleanText(text), room)) lines.push(`${bar}${styleOf(part, palette)(piece)}`);
    }
  }
  return lines;
}

const styleOf = ({ type }: Part, palette: Palette) =>
  type === 'reasoning' ? palette.quiet : type === 'tool_call' ? palette.warning : (text: string) => text;

function textOf(part: Part): string {
  if (part.type === 'tool_call') {
    const name = typeof part['name'] === 'string' ? part['name'] : '';
    return `tool call ${name}${typeof part['id'] === 'string' ? ` ${part['id']}` : ''}\n${pretty(part['arguments'])}`;
  }
  if (part.type === 'tool_call_response')
    return `tool result${typeof part['id'] === 'string' ? ` ${part['id']}` : ''}\n${pretty(part['response'] ?? part['result'])}`;
  return part.type === 'reasoning' ? `[reasoning] ${partText(part)}` : partText(part);
}

/** JSON with a line for each member; text as it is. */
function pretty(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value !== 'string') return JSON.stringify(value, null, 2);
  try {
    const parsed: unknown = JSON.parse(value);
    return typeof parsed === 'object' && parsed !== null ? JSON.stringify(parsed, null, 2) : value;
  } catch {
    return value;
  }
}

/** Wrapped, with the indentation of the line kept. */
function wrapHard(text: string, room: number | undefined): string[] {
  const indent = /^ */.exec(text)![0].slice(0, MOST_INDENT);
  return fill(text.trimStart(), room && Math.max(1, room - indent.length)).map(line => indent + line);
}

const MOST_INDENT = 16;
