/**
 * On a host that nobody knows, and where the answer names nobody, the format's inventor stands for the provider: the
 * conventions define `gen_ai.provider.name` as the flavour of the format, not as who runs the server, and require it. So
 * vLLM behind OpenAI's API is `openai`, as every client library says it is; `server.address` tells where it runs.
 * @see https://github.com/open-telemetry/semantic-conventions-genai (`gen_ai.provider.name`, note)
 */
import { FAMILIES } from '../families.js';

const INVENTORS: ReadonlyMap<string, string> = new Map(
  FAMILIES.flatMap(({ inventors = {} }) => Object.entries(inventors)),
);

/** @param name of a format, such as `openai.chat` */
export function flavourOf(name: string): string | undefined {
  return INVENTORS.get(name.slice(0, name.indexOf('.')));
}
