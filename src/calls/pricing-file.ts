/**
 * A user's prices in OpenLIT's format: `{"chat": {"model": {"promptPrice", "completionPrice", "cacheReadPrice"?,
 * "cacheCreationPrice"?}}, "embeddings": {"model": price}}`, USD per 1,000 tokens. Its `images` and `audio` tables need
 * sizes and durations that calls do not carry, and are left alone.
 */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Problem } from '../errors.js';
import type { LlmCall, Usage } from '../wire/llm-call.js';

export interface PricingFile {
  /** For the attribute that records where a cost comes from. */
  readonly name: string;
  costOf(call: LlmCall): number | undefined;
}

interface ChatPrice {
  readonly promptPrice: number;
  readonly completionPrice: number;
  readonly cacheReadPrice?: number;
  readonly cacheCreationPrice?: number;
}

const CHAT_FIELDS = ['promptPrice', 'completionPrice', 'cacheReadPrice', 'cacheCreationPrice'] as const;

/**
 * Reads the file once. Throws a `Problem` that names file, model, field and value. A URL is refused: prices are never
 * fetched from inside a program.
 */
export function readPricingFile(file: string): PricingFile {
  if (/^https?:\/\//.test(file)) {
    throw problem(file, 'is a URL, and prices are not fetched at run time', [`curl -o pricing.json ${file}`]);
  }
  if (!existsSync(file)) throw problem(file, 'does not exist');
  let data: unknown;
  try {
    data = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw problem(file, `is not JSON (${(error as Error).message})`);
  }
  return parsePricing(data, file);
}

/** As `readPricingFile`, from parsed JSON. */
export function parsePricing(data: unknown, file: string): PricingFile {
  if (!isRecord(data)) throw problem(file, 'is not a JSON object');
  const chat = new Map<string, ChatPrice>();
  for (const [model, entry] of Object.entries(section(data, 'chat', file))) {
    if (!isRecord(entry)) throw problem(file, `chat.${model} is not an object with promptPrice and completionPrice`);
    for (const field of CHAT_FIELDS) {
      const optional = field.startsWith('cache');
      if (!(optional && entry[field] === undefined)) checkPrice(entry[field], `chat.${model}.${field}`, file);
    }
    chat.set(model, entry as unknown as ChatPrice);
  }
  const embeddings = new Map<string, number>();
  for (const [model, price] of Object.entries(section(data, 'embeddings', file))) {
    checkPrice(price, `embeddings.${model}`, file);
    embeddings.set(model, price as number);
  }
  return {
    name: `pricing file ${path.basename(file)}`,
    costOf(call) {
      const price = lookUp<ChatPrice | number>(call.operation === 'embeddings' ? embeddings : chat, call);
      if (price === undefined) return undefined;
      return typeof price === 'number' ? perThousand(price, call.usage.inputTokens) : chatCost(price, call.usage);
    },
  };
}

/** OpenLIT asks for the requested model, whole and after its first slash; the model that answered comes second. */
function lookUp<T>(prices: ReadonlyMap<string, T>, call: LlmCall): T | undefined {
  for (const model of [call.request.model, call.response.model]) {
    if (model === undefined) continue;
    const found = prices.get(model) ?? prices.get(model.slice(model.indexOf('/') + 1));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Cached tokens are inside the input; they are priced apart only where the file has a price for them. */
function chatCost(price: ChatPrice, usage: Usage): number | undefined {
  const { inputTokens, outputTokens } = usage;
  if (inputTokens === undefined || (outputTokens === undefined && price.completionPrice !== 0)) return undefined;
  const read = price.cacheReadPrice === undefined ? 0 : (usage.cacheReadInputTokens ?? 0);
  const write = price.cacheCreationPrice === undefined ? 0 : (usage.cacheWriteInputTokens ?? 0);
  const text = Math.max(inputTokens - read - write, 0);
  return (
    (text * price.promptPrice +
      read * (price.cacheReadPrice ?? 0) +
      write * (price.cacheCreationPrice ?? 0) +
      (outputTokens ?? 0) * price.completionPrice) /
    1000
  );
}

function perThousand(price: number, tokens: number | undefined): number | undefined {
  return tokens === undefined ? undefined : (tokens * price) / 1000;
}

function section(data: Record<string, unknown>, name: string, file: string): Record<string, unknown> {
  const value = data[name] ?? {};
  if (!isRecord(value)) throw problem(file, `${name} is not an object`);
  return value;
}

function checkPrice(value: unknown, key: string, file: string): void {
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return;
  throw problem(file, `${key} is ${JSON.stringify(value)}, and a price is a number of at least 0`);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function problem(file: string, reason: string, fixes: readonly string[] = []): Problem {
  return new Problem({ code: 'PRICING_FILE', message: `The pricing file ${file} cannot be used`, reason, fixes });
}
