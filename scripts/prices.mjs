// Writes dist/prices.json from the data of the npm package @pydantic/genai-prices (MIT, see THIRD_PARTY.md). It is read by
// src/calls/prices.ts (attach, the Node hook) and by the Python bootstrap, so that all three say the same cost; the
// package's own code stays out of other people's programs: it takes 30-50 ms to load and warns on their stderr.
//
// Shape (amounts in USD per million tokens unless said otherwise; keys that do not apply are left out):
// {
//   "source": "genai-prices", "version": "0.1.8", "licence": "MIT", "copyright": "…", "url": "…",
//   "aliases": { "<gen_ai.provider.name>": "<provider id>" },        exact, case-sensitive; others: a provider's own id
//   "providers": {
//     "<provider id>": {
//       "fallback": ["<provider id>", …],                            asked in order when no model of its own matches
//       "models": [ { "id": "…", "match": MATCH, "prices": [ PRICE, … ] }, … ]   the first model that matches wins
//     }
//   }
// }
// MATCH: {"or": [MATCH…]} | {"and": [MATCH…]} | {"equals"|"starts_with"|"ends_with"|"contains": text} (ignoring case)
//        | {"regex": text} (searched, case-sensitive)
// PRICE: { "from": "YYYY-MM-DD", "daily": ["HH:MM:SS", "HH:MM:SS"], <part>: AMOUNT, … }
//        The last PRICE of the list whose conditions hold at the call's start is used, else the first. "from": 0:00 UTC of
//        that day has come. "daily": the UTC time of day is in [first, second); an interval may pass midnight.
//   parts: input, output, cache_read, cache_write, cache_write_1h, input_audio, input_image, output_audio, output_image,
//        output_reasoning; request, web_search, file_search: USD per 1,000
// AMOUNT: number | [base, [start, price], …] ascending; the last price whose start < the call's input tokens holds for the
//        whole call.
//
// Sum, from the call's usage (input includes cached, output includes reasoning). A part without a price of its own stays
// inside its total; an absent count is 0:
//   audio, image, read, write = the counts whose parts have a price
//   text  = input - audio - image - read - write; below 0 (cached audio): it is taken back from audio, then image
//   likewise: output - output_audio - output_image - output_reasoning
//   cost  = sum of count * AMOUNT / 1e6, + request / 1000
// No cost at all: unknown provider or model, no "input" price, the count of input tokens unknown, the count of output tokens
// unknown although the model has an output price other than 0 (an embedding has no output: 0), a service tier other than
// default, standard, auto, on_demand.
// Model names are tried in this order: response model, request model; each as it is, then without "@date", "-YYYYMMDD" or
// "-YYYY-MM-DD" at its end (also "@default"), then what follows its last "/".
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);

/** Provider names of the conventions (and the usual custom ones) whose id in the data is another. */
const ALIASES = {
  'aws.bedrock': 'aws',
  'azure.ai.openai': 'azure',
  'azure.ai.inference': 'azure',
  'gcp.gemini': 'google',
  'gcp.vertex_ai': 'google',
  'gcp.gen_ai': 'google',
  mistral_ai: 'mistral',
  moonshot_ai: 'moonshotai',
  x_ai: 'x-ai',
  xai: 'x-ai',
  voyage: 'voyageai',
  voyage_ai: 'voyageai',
  'z.ai': 'zai',
  z_ai: 'zai',
  fireworks_ai: 'fireworks',
  together_ai: 'together',
};

/** Usage that a call reports -> the part's name in our list. What needs other counts (hours, pages) is left out. */
const PARTS = {
  input_mtok: 'input',
  output_mtok: 'output',
  cache_read_mtok: 'cache_read',
  cache_write_mtok: 'cache_write',
  cache_write_1h_mtok: 'cache_write_1h',
  input_audio_mtok: 'input_audio',
  input_image_mtok: 'input_image',
  output_audio_mtok: 'output_audio',
  output_image_mtok: 'output_image',
  output_reasoning_mtok: 'output_reasoning',
  requests_kcount: 'request',
  web_searches_kcount: 'web_search',
  storage_searches_kcount: 'file_search',
};

/** @returns {Promise<object>} the whole list, as it is written */
export async function buildPriceList() {
  const { waitForUpdate } = require('@pydantic/genai-prices');
  const manifest = path.join(path.dirname(require.resolve('@pydantic/genai-prices')), '../package.json');
  const { version } = JSON.parse(readFileSync(manifest, 'utf8'));
  const providers = {};
  for (const provider of await waitForUpdate()) {
    const models = provider.models.map(model => ({ id: model.id, match: model.match, prices: pricesOf(model.prices) }));
    providers[provider.id] = {
      ...(provider.fallback_model_providers ? { fallback: provider.fallback_model_providers } : {}),
      models,
    };
  }
  return {
    source: 'genai-prices',
    version,
    licence: 'MIT',
    copyright: 'Copyright (c) Pydantic Services Inc.',
    url: 'https://github.com/pydantic/genai-prices',
    aliases: ALIASES,
    providers,
  };
}

function pricesOf(prices) {
  const list = Array.isArray(prices) ? prices : [{ prices }];
  return list.map(entry => ({ ...conditionOf(entry.constraint), ...partsOf(entry.prices) }));
}

function conditionOf(constraint) {
  if (constraint === undefined) return {};
  if (constraint.start_date !== undefined) return { from: constraint.start_date };
  const utc = text => {
    const match = /^(\d\d:\d\d:\d\d)Z$/.exec(text);
    if (match === null) throw new Error(`A time of day that is not UTC: ${text}`);
    return match[1];
  };
  return { daily: [utc(constraint.start_time), utc(constraint.end_time)] };
}

function partsOf(prices) {
  const parts = {};
  for (const [key, amount] of Object.entries(prices)) {
    if (PARTS[key] === undefined) continue;
    parts[PARTS[key]] =
      typeof amount === 'number'
        ? amount
        : [amount.base, ...[...amount.tiers].sort((a, b) => a.start - b.start).map(tier => [tier.start, tier.price])];
  }
  return parts;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const target = process.argv[2] ?? 'dist/prices.json';
  writeFileSync(target, JSON.stringify(await buildPriceList()));
}
