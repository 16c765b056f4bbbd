/**
 * One answer of possibly several: its parts in the order in which they came, and why it ended. Pieces of a stream are
 * collected in arrays and joined once, so a long answer costs O(N).
 */
import type { Message, MessagePart, ToolCall } from '../llm-call.js';
import { normalFinishReason } from './finish-reasons.js';
import { parseJson } from './json/fields.js';

/** Shared by all choices of a call: whether content is kept, and how many characters still may be. */
export interface ContentRoom {
  readonly enabled: boolean;
  left: number;
  exceeded: boolean;
}

/** More parts than a model sends; a hostile stream must not allocate without end. */
const PART_LIMIT = 4_096;

/** Key of the one call that has no place in `tool_calls`. */
const LEGACY_FUNCTION = 'function_call';

interface TextDraft {
  readonly type: 'text' | 'reasoning' | 'refusal';
  readonly key: string | number | undefined;
  readonly pieces: string[];
}

export interface ToolDraft {
  readonly type: 'tool_call';
  readonly key: string | number | undefined;
  id: string | undefined;
  name: string | undefined;
  pieces: string[];
}

type PartDraft =
  | TextDraft
  | ToolDraft
  | { readonly type: 'other'; readonly key: undefined; readonly part: MessagePart };

export class Choice {
  /** The provider's own word. */
  finishReason: string | undefined;
  role: string | undefined;
  readonly #room: ContentRoom;
  readonly #parts: PartDraft[] = [];
  readonly #callKeys = new Set<string | number | undefined>();
  /** By the index of a stream, the call that its pieces belong to. */
  readonly #places = new Map<number | string, { id: string | undefined; key: string | number }>();

  constructor(room: ContentRoom) {
    this.#room = room;
  }

  /** Known without content, because some APIs leave the finish reason to be derived. */
  get hasToolCalls(): boolean {
    return this.#callKeys.size > 0;
  }

  /** Text of the answer. `key` tells blocks of one API apart; without one, text joins the text before it. */
  text(piece: string | undefined, key?: string | number): void {
    this.#say('text', piece, key);
  }

  reasoning(piece: string | undefined, key?: string | number): void {
    this.#say('reasoning', piece, key);
  }

  /** The model declines, in words that are not its answer: a part of the message, and not of the output text. */
  refusal(piece: string | undefined): void {
    this.#say('refusal', piece, undefined);
  }

  /**
   * The deprecated `function_call` of one function, in pieces or whole. It is a part of the message; the list of tool calls
   * mirrors the wire's `tool_calls`, to which it never belonged.
   */
  functionCall(name: string | undefined, piece: string | undefined): void {
    this.argue(this.toolCall(LEGACY_FUNCTION, { name }), piece);
  }

  /** The tool call of this key, made when it is new. A call without a key is always new. */
  toolCall(
    key: string | number | undefined,
    facts: { id?: string | undefined; name?: string | undefined } = {},
  ): ToolDraft {
    if (this.#callKeys.size < PART_LIMIT) this.#callKeys.add(key);
    const found =
      key === undefined
        ? undefined
        : this.#parts.find((part): part is ToolDraft => part.type === 'tool_call' && part.key === key);
    const tool: ToolDraft = found ?? { type: 'tool_call', key, id: undefined, name: undefined, pieces: [] };
    if (found === undefined && this.#room.enabled && this.#parts.length < PART_LIMIT) this.#parts.push(tool);
    tool.id ??= facts.id;
    tool.name ??= facts.name;
    return tool;
  }

  /**
   * The call at this index of a stream. Another id with a name of its own begins another call: some gateways give every call
   * the index 0. Without ids, a name after whole arguments does.
   */
  toolCallAt(index: number | string, facts: { id?: string | undefined; name?: string | undefined }): ToolDraft {
    const place = this.#places.get(index);
    const isOther =
      place !== undefined &&
      (place.id === undefined || facts.id === undefined
        ? place.id === facts.id && facts.name !== undefined && this.#isArgued(place.key)
        : facts.id !== place.id);
    if (place === undefined || (isOther && facts.name !== undefined)) {
      const key = place === undefined ? index : `${index} ${facts.id ?? this.#callKeys.size}`;
      if (this.#places.size < PART_LIMIT) this.#places.set(index, { id: facts.id, key });
      return this.toolCall(key, facts);
    }
    place.id ??= facts.id;
    return this.toolCall(place.key, facts);
  }

  /** Servers that give no ids send each call in one piece. */
  #isArgued(key: string | number): boolean {
    const tool = this.#parts.find(part => part.type === 'tool_call' && part.key === key);
    return tool?.type === 'tool_call' && tool.pieces.length === 1 && typeof parseJson(tool.pieces[0]!) === 'object';
  }

  /** Takes a call back: what began like one to the program was run by the server itself. */
  dropToolCall(key: string | number): void {
    if (!this.#callKeys.delete(key)) return;
    const at = this.#parts.findIndex(part => part.type === 'tool_call' && part.key === key);
    if (at >= 0) this.#parts.splice(at, 1);
  }

  /** A further piece of a tool call's arguments. */
  argue(tool: ToolDraft, piece: string | undefined): void {
    const fit = this.#fit(piece);
    if (fit !== undefined) tool.pieces.push(fit);
  }

  /** Arguments known whole replace the pieces. */
  argueWhole(tool: ToolDraft, whole: string | undefined): void {
    if (whole === undefined) return;
    for (const piece of tool.pieces) this.#room.left += piece.length;
    tool.pieces = [];
    this.argue(tool, whole);
  }

  /** A part that is neither text nor a client's tool call (an image, a server's tool). */
  other(part: MessagePart): void {
    if (this.#room.enabled && this.#parts.length < PART_LIMIT)
      this.#parts.push({ type: 'other', key: undefined, part });
  }

  /** Whether anything was said under this key; a stream's summary event is used only where no pieces came before. */
  has(key: string | number): boolean {
    return this.#parts.some(part => part.key === key);
  }

  textContent(): string {
    return this.#parts.map(part => (part.type === 'text' ? part.pieces.join('') : '')).join('');
  }

  toolCalls(): ToolCall[] {
    return this.#parts.flatMap(part => {
      if (part.type !== 'tool_call' || part.name === undefined || part.key === LEGACY_FUNCTION) return [];
      const call: ToolCall = { name: part.name, arguments: argumentsOf(part) };
      if (part.id !== undefined) call.id = part.id;
      return [call];
    });
  }

  /** In the shape of the conventions' output message schema. */
  message(): Message {
    const message: Message = { role: this.role ?? 'assistant', parts: this.#parts.flatMap(render) };
    if (this.finishReason !== undefined) {
      message.finish_reason = normalFinishReason(this.finishReason, this.hasToolCalls);
    }
    return message;
  }

  #say(type: TextDraft['type'], piece: string | undefined, key: string | number | undefined): void {
    const fit = this.#fit(piece);
    if (fit === undefined) return;
    const last = this.#parts.at(-1);
    if (last?.type === type && last.key === key) last.pieces.push(fit);
    else if (this.#parts.length < PART_LIMIT) this.#parts.push({ type, key, pieces: [fit] });
  }

  /** What of a piece may still be kept. */
  #fit(piece: string | undefined): string | undefined {
    if (piece === undefined || piece === '' || !this.#room.enabled) return undefined;
    if (piece.length > this.#room.left) this.#room.exceeded = true;
    const fit = piece.length > this.#room.left ? piece.slice(0, this.#room.left) : piece;
    this.#room.left -= fit.length;
    return fit === '' ? undefined : fit;
  }
}

/** A tool without arguments is called with an empty object; APIs send that as `{}`, as empty text, or not at all. */
function argumentsOf(tool: ToolDraft): string {
  const joined = tool.pieces.join('');
  return joined.trim() === '' ? '{}' : joined;
}

function render(part: PartDraft): MessagePart[] {
  if (part.type === 'other') return [part.part];
  if (part.type !== 'tool_call') return [{ type: part.type, content: part.pieces.join('') }];
  if (part.name === undefined) return [];
  const source = argumentsOf(part);
  const rendered = { type: 'tool_call', name: part.name, arguments: parseJson(source) ?? source };
  return [part.id === undefined ? rendered : { ...rendered, id: part.id }];
}
