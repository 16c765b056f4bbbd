/**
 * The first look at a request: expressions over its path, its host and the first bytes of its body. A superset of what
 * `wire/providers` recognises; a test holds that. Made from the formats of the providers by `npm run build`.
 */

/** Ends of paths, without query. Words that many web services use (`/messages`, `/chat`) need their version prefix. */
export const PATH =
  /\/chat\/completions$|\/completions$|\/responses(?:\/compact)?$|\/(?:multimodal|contextualized)?embeddings$|\/images\/(?:generations|edits|variations)$|\/audio\/(?:speech|transcriptions|translations)$|\/realtime$|\/v1\/(?:messages|complete|rerank|generate)$|\/v2\/rerank$|\/rerank$|\/v[12]\/(?:chat|embed)$|:(?:generateContent|streamGenerateContent|embedContent|batchEmbedContents|asyncBatchEmbedContent|predict|rawPredict|streamRawPredict|complete|generateAnswer)$|\/interactions$|\/model\/[^/]+\/(?:converse|converse-stream|invoke|invoke-with-response-stream|invoke-with-bidirectional-stream)$|\/api\/(?:chat|generate|embed|embeddings)$|\/generate(?:_stream)?$|\/invocations$|\/text\/(?:chat|chat_stream|generation|generation_stream|embeddings)$|\/conversations$|\.BidiGenerateContent(?:Constrained)?$|\/backend-api\/codex\/|\/ai\/(?:language|embedding|image)-model$|\/(?:ai\/run|workers-ai)\/@|-generation\/generation$|\/text-embedding$|\/pipeline\/feature-extraction$|\/mcp$/;

/** Hosts, in lower case and without port, that serve models and hardly anything else. */
export const HOST =
  /^(?:[\w-]+\.)?api\.openai\.com$|^api\.anthropic\.com$|\.openai\.azure\.(?:com|us|cn)$|\.(?:services|models|inference)\.ai\.azure\.com$|^generativelanguage\.googleapis\.com$|^(?:[\w-]+-)?aiplatform\.googleapis\.com$|^bedrock-runtime[\w.-]*\.amazonaws\.com(?:\.cn)?$|^api\.cohere\.(?:com|ai)$|^(?:api|codestral)\.mistral\.ai$|^api\.(?:groq|deepseek)\.com$|^api\.x\.ai$|^api\.perplexity\.ai$|^openrouter\.ai$|^api\.together\.(?:ai|xyz)$|^api\.fireworks\.ai$|^api\.cerebras\.ai$/;

/** The first 4 KiB of a JSON body that is sent to a path nobody knows. */
export const BODY =
  /^\s*\{(?:[^]*?"messages"\s*:\s*\[\s*\{\s*"(?:role|content)"\s*:|[^]*?"contents"\s*:\s*\[?\s*\{[^]{0,80}?"parts"\s*:|\s*"inputs"\s*:\s*[["][^]*?"parameters"\s*:\s*\{|(?=[^]*?"model"\s*:\s*")(?=[^]*?"(?:prompt|input|max_tokens|max_output_tokens)"\s*:)|(?=[^]*?"jsonrpc"\s*:\s*"2\.0")(?=[^]*?"method"\s*:\s*"(?:initialize|tools\/|prompts\/|resources\/)))/;
