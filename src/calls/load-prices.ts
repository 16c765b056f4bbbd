import { readFileSync } from 'node:fs';
import type { PriceList } from './prices.js';

/** The list that the build writes beside the compiled code. The hook's bundle passes its own place. */
export function loadPrices(file: URL | string = new URL('../prices.json', import.meta.url)): PriceList {
  return JSON.parse(readFileSync(file, 'utf8')) as PriceList;
}
