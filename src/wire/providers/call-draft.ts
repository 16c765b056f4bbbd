/**
 * One LLM call while its pieces arrive. Providers write into it what the wire says, in whatever order it comes; `finish`
 * makes the neutral record of it. Content is stored only when it was asked for, and up to a bound.
 */
import type {
  Billing,
  LlmCall,
  Message,
  MessagePart,
  Operation,
  RequestFacts,
  ResponseFacts,
  ToolCall,
  Usage,
} from '../llm-call.js';
import { Choice, type ContentRoom } from './choice.js';
import { assign } from './json/fields.js';
import type { Outcome } from './later-results.js';

/** More choices than any API gives; a hostile index must not allocate. */
const CHOICE_LIMIT = 128;

export interface DraftOptions {
  readonly content: boolean;
  /** Characters of output that are kept when content is on. */
  readonly contentLimit: number;
}

export class CallDraft {
  operation: Operation | undefined;
  provider: string | undefined;
  conversationId: string | undefined;
  error: LlmCall['error'];
  statedCost: LlmCall['statedCost'];
  #billing: Billing | undefined;
  /** The program asked that nobody wait for the answer. */
  inBackground = false;
  /** Of an answer that may be computed in the background. */
  outcome: Outcome | undefined;
  /** The stream was asked for counts, or always has them, and they come after the event that ends the answer. */
  countsFollow = false;
  /** The form of the answer has decided what it is. */
  isProven = false;
  /** The exchange only looked like a call: a model was loaded, a connection warmed. */
  isNoCall = false;
  readonly request: RequestFacts = {};
  readonly response: ResponseFacts = {};
  readonly extra: Record<string, string | number | boolean | string[]> = {};
  readonly room: ContentRoom;
  readonly #choices: Choice[] = [];
  #usage: Usage = {};
  #systemInstructions: MessagePart[] | undefined;
  #inputMessages: Message[] | undefined;
  #toolDefinitions: unknown[] | undefined;

  constructor(options: DraftOptions) {
    this.room = { enabled: options.content, left: options.contentLimit, exceeded: false };
  }

  /** The choice (candidate) of this index; an index out of every reason goes into the last one. */
  choice(index = 0): Choice {
    const at = Math.min(Math.max(Math.trunc(index) || 0, 0), CHOICE_LIMIT - 1);
    this.#choices[at] ??= new Choice(this.room);
    return this.#choices[at];
  }

  get choices(): Choice[] {
    return this.#choices.filter(choice => choice !== undefined);
  }

  get usage(): Readonly<Usage> {
    return this.#usage;
  }

  /** Later counts replace earlier ones: streams repeat running totals, they never send differences. */
  addUsage(usage: { [Name in keyof Usage]?: Usage[Name] | undefined }): void {
    assign(this.#usage, usage);
  }

  /** What is billed beyond tokens; later facts replace earlier ones, as counts do. */
  bill(facts: { [Name in keyof Billing]?: Billing[Name] | undefined }): void {
    for (const name in facts) {
      if (facts[name as keyof Billing] === undefined) continue;
      this.#billing ??= {};
      assign(this.#billing, facts);
      return;
    }
  }

  /** The first reason stays: what follows an error is its consequence. */
  fail(type: string, message?: string): void {
    this.error ??= message === undefined ? { type } : { type, message };
  }

  setInput(input: { system?: MessagePart[]; messages?: Message[]; tools?: unknown[] }): void {
    if (input.system !== undefined && input.system.length > 0) this.#systemInstructions = input.system;
    if (input.messages !== undefined && input.messages.length > 0) this.#inputMessages = input.messages;
    if (input.tools !== undefined && input.tools.length > 0) this.#toolDefinitions = input.tools;
  }

  /** Whether the answer had the form of a model's: the proof that a guessed exchange is a call. */
  get hasEvidence(): boolean {
    const { id, model, finishReasons, embeddingDimensions } = this.response;
    return (
      this.isProven ||
      this.#choices.length > 0 ||
      (id !== undefined && model !== undefined) ||
      finishReasons !== undefined ||
      embeddingDimensions !== undefined ||
      this.#usage.inputTokens !== undefined
    );
  }

  /** What the providers know of the call; identity, times and transport facts are added by the caller. */
  finish(): Omit<LlmCall, 'id' | 'role' | 'protocol' | 'partial'> {
    const choices = this.choices;
    const reasons = choices.flatMap(choice => (choice.finishReason === undefined ? [] : [choice.finishReason]));
    if (this.response.finishReasons === undefined && reasons.length > 0) this.response.finishReasons = reasons;
    const call: Omit<LlmCall, 'id' | 'role' | 'protocol' | 'partial'> = {
      kind: 'llm',
      request: this.request,
      response: this.response,
      usage: this.#usage,
      toolCalls: [],
    };
    assign(call, {
      provider: this.provider,
      operation: this.operation,
      conversationId: this.conversationId,
      error: this.error,
      statedCost: this.statedCost,
      billing: this.#billing,
      extra: Object.keys(this.extra).length > 0 ? this.extra : undefined,
    });
    if (this.room.enabled) this.#finishContent(call, choices);
    return call;
  }

  #finishContent(call: Omit<LlmCall, 'id' | 'role' | 'protocol' | 'partial'>, choices: Choice[]): void {
    call.outputText = choices.map(choice => choice.textContent()).join('');
    call.toolCalls = choices.flatMap((choice): ToolCall[] => choice.toolCalls());
    const outputMessages = choices.map(choice => choice.message());
    call.content = {};
    assign(call.content, {
      systemInstructions: this.#systemInstructions,
      inputMessages: this.#inputMessages,
      outputMessages: outputMessages.length > 0 ? outputMessages : undefined,
      toolDefinitions: this.#toolDefinitions,
    });
  }
}
