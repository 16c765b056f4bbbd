/**
 * The first look at a request, on the program's path: may this be a call of a model? A superset of what `wire/providers`
 * recognises, by the end of the path alone, so that the decoder is loaded by a program that calls models and by hardly any
 * other. The table of `wire/providers` decides; a test holds that all its paths pass here.
 */

/** Ends of paths, without query. Words that many web services use (`/messages`, `/chat`) need their version prefix. */
const PATH =
  /\/chat\/completions$|\/completions$|\/responses(?:\/compact)?$|\/(?:multimodal|contextualized)?embeddings$|\/images\/(?:generations|edits|variations)$|\/audio\/(?:speech|transcriptions|translations)$|\/realtime$|\/v1\/(?:messages|complete|rerank|generate)$|\/v2\/rerank$|\/rerank$|\/v[12]\/(?:chat|embed)$|:(?:generateContent|streamGenerateContent|embedContent|batchEmbedContents|asyncBatchEmbedContent|predict|rawPredict|streamRawPredict|complete|generateAnswer)$|\/interactions$|\/model\/[^/]+\/(?:converse|converse-stream|invoke|invoke-with-response-stream|invoke-with-bidirectional-stream)$|\/api\/(?:chat|generate|embed|embeddings)$|\/generate(?:_stream)?$|\/invocations$|\/text\/(?:chat|chat_stream|generation|generation_stream|embeddings)$|\/conversations$|\.BidiGenerateContent(?:Constrained)?$|\/backend-api\/codex\/|\/ai\/(?:language|embedding|image)-model$|\/(?:ai\/run|workers-ai)\/@|-generation\/generation$|\/text-embedding$|\/pipeline\/feature-extraction$|\/mcp$/;

export function isCallPath(path: string): boolean {
  const query = path.indexOf('?');
  const end = query < 0 ? path.length : query;
  return PATH.test(path.slice(0, path[end - 1] === '/' ? end - 1 : end));
}

/** Bytes that are read of a first chunk: longer paths do not exist among the providers. */
const LOOK = 2_048;
const G = 71;
const P = 80;

/** A request line at the start of what is written: [method, path], or undefined. GET only where it may open a WebSocket. */
export function requestLine(data: unknown): [method: string, path: string] | undefined {
  let text: string;
  if (typeof data === 'string') {
    const first = data.charCodeAt(0);
    if (first !== P && first !== G) return undefined;
    text = data;
  } else {
    if (!(data instanceof Uint8Array) || (data[0] !== P && data[0] !== G)) return undefined;
    text = Buffer.from(data.buffer, data.byteOffset, Math.min(data.byteLength, LOOK)).toString('latin1');
  }
  const start = text.startsWith('POST ') ? 5 : text.startsWith('GET ') ? 4 : 0;
  if (start === 0) return undefined;
  const end = text.indexOf(' ', start);
  if (end < 0 || !text.startsWith(' HTTP/1.', end)) return undefined;
  return [text.slice(0, start - 1), text.slice(start, end)];
}
