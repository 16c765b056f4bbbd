/**
 * A price list and the arithmetic on it. The shape, the sum and the data's origin are described at the top of
 * `scripts/prices.mjs`; the Python bootstrap does the same from the same file, and both run
 * `test/fixtures/telemetry/price-vectors.json`. The unit tests compare every model with the package that the data is from.
 */

/** USD per million tokens; `[base, [start, price], …]` when the price depends on the size of the input. */
export type Amount = number | [number, ...[number, number][]];

export type Match =
  | { readonly or: readonly Match[] }
  | { readonly and: readonly Match[] }
  | { readonly equals: string }
  | { readonly starts_with: string }
  | { readonly ends_with: string }
  | { readonly contains: string }
  | { readonly regex: string };

export interface Price {
  readonly from?: string;
  readonly daily?: readonly [string, string];
  readonly input?: Amount;
  readonly output?: Amount;
  readonly cache_read?: Amount;
  readonly cache_write?: Amount;
  /** Of tokens that are kept for an hour. */
  readonly cache_write_1h?: Amount;
  readonly input_audio?: Amount;
  readonly input_image?: Amount;
  readonly output_audio?: Amount;
  readonly output_image?: Amount;
  readonly output_reasoning?: Amount;
  /** USD per 1,000, as the two that follow. */
  readonly request?: number;
  readonly web_search?: number;
  readonly file_search?: number;
}

export interface PricedModel {
  readonly id: string;
  readonly match: Match;
  readonly prices: readonly Price[];
}

export interface PriceList {
  readonly source: string;
  readonly version: string;
  readonly aliases: Readonly<Record<string, string>>;
  readonly providers: Readonly<
    Record<string, { readonly fallback?: readonly string[]; readonly models: readonly PricedModel[] }>
  >;
}

/** Counts as `Usage` has them; absent is unknown. */
export interface PricedUsage {
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  readonly cacheReadInputTokens?: number;
  readonly cacheWriteInputTokens?: number;
  readonly reasoningOutputTokens?: number;
  readonly imageInputTokens?: number;
  readonly audioInputTokens?: number;
  readonly imageOutputTokens?: number;
  readonly audioOutputTokens?: number;
}

/** What is billed beside tokens, or at another price than its kind; see `Billing`. */
export interface PricedExtras {
  readonly cacheWrite1hInputTokens?: number;
  readonly webSearches?: number;
  readonly fileSearches?: number;
}

/** The first model that a provider (or one of those it falls back to) lists under this name. */
export function findModel(list: PriceList, providerName: string, model: string): PricedModel | undefined {
  const provider = list.providers[list.aliases[providerName] ?? providerName];
  if (provider === undefined) return undefined;
  for (const name of spellings(model)) {
    const own = provider.models.find(entry => matches(entry.match, name));
    if (own !== undefined) return own;
    for (const other of provider.fallback ?? []) {
      const found = list.providers[other]?.models.find(entry => matches(entry.match, name));
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

/** The price that holds at this moment. */
export function priceAt(model: PricedModel, at: Date): Price | undefined {
  for (let index = model.prices.length - 1; index >= 0; index -= 1) {
    const price = model.prices[index] as Price;
    if (holds(price, at)) return price;
  }
  return model.prices[0];
}

/** USD, or undefined when a count that the price needs is unknown, or the price of something that was billed. */
export function sum(price: Price, usage: PricedUsage, extras: PricedExtras = {}): number | undefined {
  const { inputTokens, outputTokens } = usage;
  const { cacheWrite1hInputTokens: long = 0, webSearches = 0, fileSearches = 0 } = extras;
  if (long > 0 && price.cache_write_1h === undefined) return undefined;
  if (webSearches > 0 && price.web_search === undefined) return undefined;
  if (fileSearches > 0 && price.file_search === undefined) return undefined;
  if (price.input === undefined || inputTokens === undefined) return undefined;
  if (outputTokens === undefined && price.output !== undefined && amountAt(price.output, inputTokens) !== 0) {
    return undefined;
  }
  const part = (amount: Amount | undefined, count: number | undefined): number =>
    amount === undefined ? 0 : Math.max(count ?? 0, 0);
  let audio = part(price.input_audio, usage.audioInputTokens);
  let image = part(price.input_image, usage.imageInputTokens);
  const read = part(price.cache_read, usage.cacheReadInputTokens);
  const write = part(price.cache_write, (usage.cacheWriteInputTokens ?? 0) - long);
  let text = inputTokens - audio - image - read - write - long;
  // Cached audio counts twice when only totals are known: it was billed as cached.
  [text, audio] = takeBack(text, audio);
  [text, image] = takeBack(text, image);
  let audioOut = part(price.output_audio, usage.audioOutputTokens);
  let imageOut = part(price.output_image, usage.imageOutputTokens);
  const reasoning = part(price.output_reasoning, usage.reasoningOutputTokens);
  let textOut = (outputTokens ?? 0) - audioOut - imageOut - reasoning;
  [textOut, audioOut] = takeBack(textOut, audioOut);
  [textOut, imageOut] = takeBack(textOut, imageOut);
  const parts: [Amount | undefined, number][] = [
    [price.input, text],
    [price.cache_read, read],
    [price.cache_write, write],
    [price.cache_write_1h, long],
    [price.input_audio, audio],
    [price.input_image, image],
    [price.output, textOut],
    [price.output_reasoning, reasoning],
    [price.output_audio, audioOut],
    [price.output_image, imageOut],
  ];
  const { request = 0, web_search = 0, file_search = 0 } = price;
  let total = (request + web_search * webSearches + file_search * fileSearches) / 1000;
  for (const [amount, count] of parts) {
    if (amount !== undefined && count > 0) total += (amountAt(amount, inputTokens) * count) / 1e6;
  }
  return total;
}

function takeBack(rest: number, from: number): [number, number] {
  if (rest >= 0) return [rest, from];
  const taken = Math.min(-rest, from);
  return [rest + taken, from - taken];
}

function amountAt(amount: Amount, inputTokens: number): number {
  if (typeof amount === 'number') return amount;
  const [base, ...tiers] = amount;
  let price = base;
  for (const [start, tier] of tiers) if (inputTokens > start) price = tier;
  return price;
}

function holds(price: Price, at: Date): boolean {
  if (price.from !== undefined && at.getTime() < Date.parse(`${price.from}T00:00:00Z`)) return false;
  if (price.daily === undefined) return true;
  const time = at.toISOString().slice(11, 23);
  const [from, to] = price.daily;
  return from <= to ? time >= from && time < to : time >= from || time < to;
}

/** The name as it is, then without a date at its end, then what follows the last slash. */
function spellings(model: string): string[] {
  const dateless = model.replace(/(@\d{8}|@default|-\d{8}|-\d{4}-\d{2}-\d{2})$/, '');
  const found = [model, dateless];
  for (const name of [model, dateless]) if (name.includes('/')) found.push(name.slice(name.lastIndexOf('/') + 1));
  return [...new Set(found)];
}

function matches(match: Match, name: string): boolean {
  if ('or' in match) return match.or.some(inner => matches(inner, name));
  if ('and' in match) return match.and.every(inner => matches(inner, name));
  if ('regex' in match) return new RegExp(match.regex).test(name);
  const lower = name.toLowerCase();
  if ('equals' in match) return lower === match.equals.toLowerCase();
  if ('starts_with' in match) return lower.startsWith(match.starts_with.toLowerCase());
  if ('ends_with' in match) return lower.endsWith(match.ends_with.toLowerCase());
  return lower.includes(match.contains.toLowerCase());
}
