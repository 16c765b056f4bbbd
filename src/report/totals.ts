/** Sums and percentiles over the calls of a run, per provider and model. */
import { type Percentiles, percentilesOf } from '../store/percentiles.js';
import type { ReportedCall } from './reported-call.js';

/** Money per currency: amounts of different currencies are never added. */
export type Money = Readonly<Record<string, number>>;

export interface GroupSummary {
  readonly kind: 'llm' | 'mcp';
  readonly provider: string | null;
  readonly model: string | null;
  readonly calls: number;
  readonly errors: number;
  /** Absent (null) when no call reported any. */
  readonly input_tokens: number | null;
  readonly output_tokens: number | null;
  readonly cache_read_input_tokens: number | null;
  readonly reasoning_output_tokens: number | null;
  readonly cost: Money;
  /** Calls that succeeded and whose tokens or cost nobody knows: the sums leave them out. */
  readonly calls_without_tokens: number;
  readonly calls_without_cost: number;
  /** Seconds, calls that succeeded. */
  readonly duration: Percentiles | null;
  /** Seconds, streamed calls. */
  readonly first_chunk: Percentiles | null;
  readonly partial: number;
}

function add(sum: number | null, value: number | undefined): number | null {
  return value === undefined ? sum : (sum ?? 0) + value;
}

/** Samples that one group keeps; beyond it each new one replaces a random one, so the share stays fair. */
const MOST_SAMPLES = 20_000;

class Samples {
  readonly values: number[] = [];
  private seen = 0;

  add(value: number | undefined): void {
    if (value === undefined) return;
    this.seen++;
    if (this.values.length < MOST_SAMPLES) this.values.push(value);
    else {
      const place = Math.floor(Math.random() * this.seen);
      if (place < MOST_SAMPLES) this.values[place] = value;
    }
  }
}

/** Providers whose own streams report tokens unasked, or have no such option. */
const OTHER_FORMS = /^(anthropic|cohere|ollama|aws\.|gcp\.|gemini|vertex)/;

function isOpenAiStream({ firstChunk, operation, provider = '', partial }: ReportedCall): boolean {
  return firstChunk !== undefined && operation === 'chat' && partial.length === 0 && !OTHER_FORMS.test(provider);
}

/** One provider's model, or everything. */
class Group {
  calls = 0;
  errors = 0;
  inputTokens: number | null = null;
  outputTokens: number | null = null;
  private cacheRead: number | null = null;
  private reasoning: number | null = null;
  readonly cost: Record<string, number> = {};
  withoutTokens = 0;
  /** Of these, streams in OpenAI's form, which report tokens when they are asked to. */
  streamsWithoutTokens = 0;
  withoutCost = 0;
  private partial = 0;
  private readonly durations = new Samples();
  private readonly firstChunks = new Samples();

  constructor(
    readonly kind: 'llm' | 'mcp',
    readonly provider: string | undefined,
    readonly model: string | undefined,
  ) {}

  add(call: ReportedCall): void {
    this.calls++;
    if (call.partial.length > 0) this.partial++;
    this.inputTokens = add(this.inputTokens, call.inputTokens);
    this.outputTokens = add(this.outputTokens, call.outputTokens);
    this.cacheRead = add(this.cacheRead, call.cacheReadTokens);
    this.reasoning = add(this.reasoning, call.reasoningTokens);
    if (call.cost) this.cost[call.cost.currency] = (this.cost[call.cost.currency] ?? 0) + call.cost.amount;
    this.firstChunks.add(call.firstChunk);
    if (call.error !== undefined) {
      this.errors++;
      return;
    }
    this.durations.add(call.duration);
    if (call.kind === 'mcp') return;
    if (call.inputTokens === undefined && call.outputTokens === undefined) {
      this.withoutTokens++;
      if (isOpenAiStream(call)) this.streamsWithoutTokens++;
    }
    if (call.cost === undefined) this.withoutCost++;
  }

  summary(): GroupSummary {
    return {
      kind: this.kind,
      provider: this.provider ?? null,
      model: this.model ?? null,
      calls: this.calls,
      errors: this.errors,
      input_tokens: this.inputTokens,
      output_tokens: this.outputTokens,
      cache_read_input_tokens: this.cacheRead,
      reasoning_output_tokens: this.reasoning,
      cost: { ...this.cost },
      calls_without_tokens: this.withoutTokens,
      calls_without_cost: this.withoutCost,
      duration: percentilesOf(this.durations.values) ?? null,
      first_chunk: percentilesOf(this.firstChunks.values) ?? null,
      partial: this.partial,
    };
  }
}

/** Groups that are told apart; a program that makes up model names must not fill the memory. */
const MOST_GROUPS = 1000;

export class Totals {
  readonly all = new Group('llm', undefined, undefined);
  /** How often a call of these was seen at another place too; nothing of that is in the sums. */
  seenAgain = 0;
  private readonly groups = new Map<string, Group>();

  add(call: ReportedCall): void {
    this.all.add(call);
    const key = JSON.stringify([call.kind, call.provider, call.model]);
    let group = this.groups.get(key);
    if (!group) {
      const other = this.groups.size >= MOST_GROUPS;
      group = (other && this.groups.get('other')) || new Group(call.kind, call.provider, other ? 'other' : call.model);
      this.groups.set(other ? 'other' : key, group);
    }
    group.add(call);
  }

  /** Most calls first. */
  summaries(): GroupSummary[] {
    return [...this.groups.values()].sort((a, b) => b.calls - a.calls).map(group => group.summary());
  }
}
