/** The results of one fetch -> one call for each model, whose figures are the sums (decision 0140). */
import type { BatchedCall, CallError, Message, ToolCall, Usage } from '../../llm-call.js';
import { CallDraft } from '../call-draft.js';
import { readError } from '../errors.js';
import type { Heads } from '../format.js';
import { assign, sum } from '../json/fields.js';
import { flavourOf } from '../recognize/flavour.js';
import type { Result } from './results.js';

/** Twice what any API takes in one batch. */
const MOST = 200_000;
/** Answers whose content is kept where that was asked for: the first ones, and no more characters than of any other call. */
const MOST_ANSWERS = 1_000;

/** What the providers know of a call; see `CallDraft.finish`. */
type Summed = ReturnType<CallDraft['finish']>;

interface Told {
  /** Absent where there is no answer. */
  readonly call?: BatchedCall;
  readonly provider?: string | undefined;
  readonly error?: CallError | undefined;
  readonly outputText?: string | undefined;
  readonly messages: readonly Message[];
  readonly toolCalls: readonly ToolCall[];
}

export interface SumOptions {
  readonly content: boolean;
  /** Characters of output that are kept, of all answers together. */
  readonly contentLimit: number;
  readonly heads: Heads;
  /** Of a known host. */
  readonly provider: string | undefined;
}

export class BatchSum {
  readonly #options: SumOptions;
  readonly #told: Told[] = [];
  #room: number;
  /** At least one of them can be nothing else than the result of a batch. */
  certain = false;
  /** There were more results, or more content, than is kept. */
  truncated = false;
  /** What was asked for, where the document says it. */
  model: string | undefined;

  constructor(options: SumOptions) {
    this.#options = options;
    this.#room = options.contentLimit;
  }

  get size(): number {
    return this.#told.length;
  }

  add({ format, body, certain }: Result): void {
    this.certain ||= certain;
    if (this.#told.length === MOST) {
      this.truncated = true;
      return;
    }
    const { heads, provider } = this.#options;
    const content = this.#options.content && this.#told.length < MOST_ANSWERS;
    const draft = new CallDraft({ content, contentLimit: this.#room });
    if (format === undefined) {
      readError(body, draft);
      this.#told.push({ error: draft.error, messages: [], toolCalls: [] });
      return;
    }
    draft.operation = format.operation;
    draft.provider = provider ?? flavourOf(format.name);
    format.readResponse(body, draft, heads);
    draft.bill({ batch: true });
    const { operation, request, response, usage, billing, statedCost, ...rest } = draft.finish();
    this.truncated ||= draft.room.exceeded || content !== this.#options.content;
    this.#room = draft.room.left;
    const call: BatchedCall = { request, response, usage };
    assign(call, { operation, billing, statedCost });
    this.#told.push({
      call,
      provider: draft.provider,
      error: rest.error,
      outputText: rest.outputText,
      messages: rest.content?.outputMessages ?? [],
      toolCalls: rest.toolCalls,
    });
  }

  /** @param skip results that were told before, from the first one on */
  calls(skip: number): Summed[] {
    const byModel = new Map<string | undefined, Told[]>();
    const unanswered: Told[] = [];
    for (const told of this.#told.slice(skip)) {
      if (told.call === undefined) {
        unanswered.push(told);
        continue;
      }
      const { model } = told.call.response;
      const group = byModel.get(model);
      if (group === undefined) byModel.set(model, [told]);
      else group.push(told);
    }
    // What has no answer names no model.
    const groups = [...byModel.values()];
    if (groups.length === 0 && unanswered.length > 0) groups.push([]);
    return groups.map((group, place) => this.#sum(place === 0 ? group.concat(unanswered) : group));
  }

  #sum(group: readonly Told[]): Summed {
    const calls = group.flatMap(({ call }) => call ?? []);
    const errors = group.flatMap(({ error }) => error ?? []);
    const reasons = new Set(calls.flatMap(({ response }) => response.finishReasons ?? []));
    const first = calls[0]?.response ?? {};
    const summed: Summed = { kind: 'llm', request: {}, response: {}, usage: {}, toolCalls: [] };
    assign(summed.request, { model: this.model });
    assign(summed.response, {
      id: group.length === 1 ? first.id : undefined,
      model: first.model,
      serviceTier: first.serviceTier,
      embeddingDimensions: first.embeddingDimensions,
      // Each once: of thousands of answers a list in order says nothing to anybody.
      finishReasons: reasons.size === 0 ? undefined : [...reasons],
    });
    addUsage(summed.usage, calls);
    assign(summed, {
      operation: 'fetch_response',
      provider: this.#options.provider ?? group[0]?.provider,
      batched: calls,
      extra: { 'openlit.batch.results': group.length, 'openlit.batch.failed': errors.length },
      // That some requests failed does not make a failure of the fetch.
      error: errors.length === group.length ? errors[0] : undefined,
    });
    if (this.#options.content) addContent(summed, group);
    return summed;
  }
}

/** A count that some answers lack is that of the others: no answer has a part of it. */
function addUsage(usage: Usage, calls: readonly BatchedCall[]): void {
  for (const call of calls) {
    for (const [name, value] of Object.entries(call.usage) as [keyof Usage, number][])
      usage[name] = sum(usage[name], value)!;
  }
}

function addContent(summed: Summed, group: readonly Told[]): void {
  summed.outputText = group.map(({ outputText = '' }) => outputText).join('');
  summed.toolCalls = group.flatMap(({ toolCalls }) => toolCalls);
  const outputMessages = group.flatMap(({ messages }) => messages);
  summed.content = outputMessages.length === 0 ? {} : { outputMessages };
}
