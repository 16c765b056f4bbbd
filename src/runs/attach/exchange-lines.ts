/** The sink of `--format exchanges`: one JSON line for each exchange, as design §2 and docs/attach.md define it. */

import type { ExchangeSink } from '../../attach/observation-options.js';
import { redactCredentials } from '../../calls/redact.js';
import { collectExchanges } from '../../wire/exchange-collector.js';
import { formatExchangeLine } from '../../wire/exchange-json.js';
import type { LineWriter } from './line-writer.js';

export interface ExchangeLinesOptions {
  readonly bodies: boolean;
  /** Bytes kept of each body; what is longer is cut and marked. Sizes and hashes are of the whole. */
  readonly bodyLimit: number;
  readonly lines: LineWriter;
}

export function exchangeLines({ bodies, bodyLimit, lines }: ExchangeLinesOptions): ExchangeSink {
  let count = 0;
  return {
    open: collectExchanges({
      bodyLimit: bodies ? bodyLimit : 0,
      id: () => `${++count}`,
      onExchange: exchange => lines.line(formatExchangeLine(exchange, { bodies, redact: redactCredentials })),
    }),
    finish: async () => lines.flush(),
  };
}
