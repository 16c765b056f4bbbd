/** Calls to hosts that the settings leave out are declined at their head: nothing of them is read, kept or counted. */
import type { OpenExchange } from './exchange.js';

/**
 * @param patterns host names without port; `*` stands for any characters
 * @returns what stands before a decoder; the decoder itself where there are no patterns
 */
export function hostFilter(patterns: readonly string[]): (open: OpenExchange) => OpenExchange {
  const excluded = hostMatcher(patterns);
  if (excluded === undefined) return open => open;
  return open => (head, facts, at) => {
    const host = head.host?.replace(/:\d+$/, '') ?? facts.serverAddress;
    return host !== undefined && excluded(host) ? undefined : open(head, facts, at);
  };
}

function hostMatcher(patterns: readonly string[]): ((host: string) => boolean) | undefined {
  const sources = patterns.map(pattern => pattern.trim()).filter(pattern => pattern !== '');
  if (sources.length === 0) return undefined;
  const literal = (text: string) => text.replace(/[.+?^${}()|[\]\\]/g, '\\$&');
  const expression = new RegExp(`^(?:${sources.map(each => each.split('*').map(literal).join('.*')).join('|')})$`, 'i');
  return host => expression.test(host);
}
