/**
 * What a request that may be a call looks like: sources of regular expressions, to be searched for.
 * Made by `npm run build` from the families of src/wire/providers; a change belongs there.
 */

/** Path of a POST, without its query and without a slash at its end. */
export const PATH =
  '/embeddings/text-embedding/text-embedding$|/aigc/multimodal-generation/generation$|/aigc/text-generation/generation$|/model/(?:.*/)?invoke-with-response-stream$|/pipeline/feature-extraction$|/contextualizedembeddings$|/text/generation_stream$|:streamGenerateContent$|/multimodalembeddings$|/audio/transcriptions$|:batchEmbedContents$|/ai/embedding-model$|/inference:complete$|/images/generations$|/audio/translations$|/ai/language-model$|/responses/compact$|/images/variations$|:streamRawPredict$|/v1/conversations$|/text/chat_stream$|/model/(?:.*/)?converse-stream$|:generateContent$|/generate_stream$|/text/generation$|/ai/image-model$|:embedContent$|/v[0-9][a-z0-9]*/interactions$|/images/edits$|/audio/speech$|/v1/messages$|/v1/complete$|/invocations$|/completions$|/async/sonar$|:rawPredict$|/embeddings$|/api/embed$|/text/chat$|/responses$|/model/(?:.*/)?converse$|/v1/embed$|/v2/embed$|/api/chat$|/generate$|:predict$|/v2/chat$|/v1/chat$|/model/(?:.*/)?invoke$|/rerank$|/ai/run/@|/workers-ai/@|/mcp$|/mcp/';

/** The same of a GET: it may open a WebSocket, listen to a session or fetch a later result. */
export const GET_PATH =
  '/chat/deferred-completion/[^/]+$|/async/chat/completions/[^/]+$|/v[0-9][a-z0-9]*/interactions/[^/]+$|/async/sonar/[^/]+$|/responses/[^/]+$|BidiGenerateContent$|/responses$|/realtime$|/mcp$|/sse$';

/** Host of a POST, lower-case and without its port: those whose paths say too little. */
export const HOST =
  '^router\\.huggingface\\.co$|^api-inference\\.huggingface\\.co$|\\.endpoints\\.huggingface\\.cloud$|^ai-gateway\\.vercel\\.sh$|^gateway\\.ai\\.cloudflare\\.com$|^api\\.portkey\\.ai$|\\.helicone\\.ai$';

/** First 4 KiB of the JSON body of a POST on any path, at a host that is not closed. */
export const BODY =
  '[{,]\\s*(?:"(?:messages|contents|tools)"\\s*:\\s*\\[|"(?:inferenceConfig|toolConfig|generationConfig|systemInstruction|system_instruction)"\\s*:\\s*\\{|"(?:max_tokens_to_sample|max_tokens|max_completion_tokens)"\\s*:\\s*[0-9]|"(?:anthropic_version|encoding_format|instructions|previous_response_id)"\\s*:\\s*"|"(?:input)"\\s*:\\s*["\\[])|"method"\\s*:\\s*"(?:initialize|ping|(?:tools|resources|prompts|completion|logging|sampling|roots|elicitation|tasks|notifications|server|subscriptions)/)|"(?:result|error)"\\s*:\\s*\\{[\\s\\S]*"jsonrpc"\\s*:|"jsonrpc"\\s*:[\\s\\S]*"(?:result|error)"\\s*:\\s*\\{';

/** Hosts of providers whose paths are all known: a body says nothing there. */
export const CLOSED_HOST =
  '^bedrock-runtime.*\\.amazonaws\\.com$|^bedrock-mantle\\..*\\.amazonaws\\.com$|^bedrock-runtime.*\\.amazonaws\\.com\\.cn$|^bedrock-mantle\\..*\\.amazonaws\\.com\\.cn$|^bedrock-runtime.*\\.api\\.aws$|^bedrock-mantle\\..*\\.api\\.aws$|^bedrock-runtime.*\\.amazonaws\\.eu$|^bedrock-mantle\\..*\\.amazonaws\\.eu$|^bedrock-runtime.*\\.c2s\\.ic\\.gov$|^bedrock-mantle\\..*\\.c2s\\.ic\\.gov$|^bedrock-runtime.*\\.sc2s\\.sgov\\.gov$|^bedrock-mantle\\..*\\.sc2s\\.sgov\\.gov$|^bedrock-runtime.*\\.csp\\.hci\\.ic\\.gov$|^bedrock-mantle\\..*\\.csp\\.hci\\.ic\\.gov$|^api\\.anthropic\\.com$|^claude\\.googleapis\\.com$|^aws-external-anthropic\\..*\\.api\\.aws$|^generativelanguage\\.googleapis\\.com$|^aiplatform\\.googleapis\\.com$|-aiplatform\\.googleapis\\.com$|^aiplatform\\..*\\.rep\\.googleapis\\.com$|^cloudcode-pa\\.googleapis\\.com$|^api\\.cohere\\.com$|^api\\.cohere\\.ai$|^api\\.mistral\\.ai$|^codestral\\.mistral\\.ai$|^api\\..*\\.mistral\\.ai$|^ollama\\.com$|^router\\.huggingface\\.co$|^api-inference\\.huggingface\\.co$|\\.endpoints\\.huggingface\\.cloud$|\\.ml\\.cloud\\.ibm\\.com$|^dashscope\\.aliyuncs\\.com$|^dashscope-intl\\.aliyuncs\\.com$|^dashscope-us\\.aliyuncs\\.com$|^api\\.voyageai\\.com$|^api\\.jina\\.ai$|^api\\.openai\\.com$|\\.api\\.openai\\.com$|\\.openai\\.azure\\.com$|\\.openai\\.azure\\.us$|\\.openai\\.azure\\.cn$|\\.services\\.ai\\.azure\\.com$|\\.models\\.ai\\.azure\\.com$|\\.inference\\.ai\\.azure\\.com$|^api\\.groq\\.com$|^api\\.deepseek\\.com$|^api\\.x\\.ai$|\\.api\\.x\\.ai$|^api\\.perplexity\\.ai$|^api\\.moonshot\\.ai$|^api\\.moonshot\\.cn$|^api\\.together\\.ai$|^api\\.together\\.xyz$|^api\\.fireworks\\.ai$|^api\\.cerebras\\.ai$|^api\\.sambanova\\.ai$|^integrate\\.api\\.nvidia\\.com$|^ai\\.api\\.nvidia\\.com$|^models\\.github\\.ai$|\\.githubcopilot\\.com$|^api\\.writer\\.com$|^api\\.z\\.ai$|^open\\.bigmodel\\.cn$|\\.inference\\.crusoecloud\\.com$|\\.inference\\.heroku\\.com$|^api\\.deepinfra\\.com$|^api\\.hyperbolic\\.xyz$|^api\\.novita\\.ai$|^api\\.studio\\.nebius\\.ai$|^api\\.studio\\.nebius\\.com$|^api\\.tokenfactory\\.nebius\\.com$|^api\\.minimax\\.io$|^api\\.minimaxi\\.com$|^api\\.minimax\\.chat$|^ark\\..*\\.volces\\.com$|^ark\\..*\\.bytepluses\\.com$|^inference\\.baseten\\.co$|^api\\.friendli\\.ai$|^api\\.lambda\\.ai$|^api\\.llama\\.com$|^api\\.ai21\\.com$|^api\\.inference\\.wandb\\.ai$|^inference\\.generativeai\\..*\\.oraclecloud\\.com$';

/** Name of a request header, lower-case, of any method. */
export const HEADER = '^(?:mcp-session-id|mcp-protocol-version|mcp-method)$';
