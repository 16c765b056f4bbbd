"""What a request must look like to be handed over: a superset of what the observer recognises. Data only.

PATH: ends of paths of POSTs, without query. GET: paths that may open a WebSocket or fetch a later result. HOST: hosts, with
the port where one was given, that serve nothing but models. BODY: keys in the first 4 KiB of a JSON body.
"""
PATH = (
    r"/(?:chat/|agents/)?completions$|/responses(?:/compact)?$|/(?:multimodal|contextualized)?embeddings$"
    r"|/images/(?:generations|edits|variations)$|/audio/(?:speech|transcriptions|translations)$"
    r"|/v1/(?:messages|complete|generate)$|/rerank$|/v[12]/(?:chat|embed)$"
    r"|:(?:generateContent|streamGenerateContent|embedContent|batchEmbedContents|asyncBatchEmbedContent|predict|rawPredict"
    r"|streamRawPredict|complete|generateAnswer)$"
    r"|/interactions$|/model/[^/]+/(?:converse|converse-stream|invoke|invoke-with-response-stream"
    r"|invoke-with-bidirectional-stream)$|/api/(?:chat|generate|embed|embeddings)$|/generate(?:_stream)?$|/invocations$"
    r"|/text/(?:chat|chat_stream|generation|generation_stream|embeddings)$|/conversations$|/backend-api/codex/"
    r"|/ai/(?:language|embedding|image)-model$|/(?:ai/run|workers-ai)/@|-generation/generation$|/text-embedding$"
    r"|/pipeline/feature-extraction$|/mcp$"
)
GET = (
    r"/realtime$|\.BidiGenerateContent(?:Constrained)?$|/invoke-with-bidirectional-stream$|/responses/[^/]+$|/mcp$"
    r"|/backend-api/codex/"
)
HOST = (
    r"^(?:[^/]*\.)?api\.openai\.com$|^(?:api\.anthropic\.com|claude\.googleapis\.com)$|^aws-external-anthropic\..*\.api\.aws$"
    r"|\.openai\.azure\.(?:com|us|cn)$|\.(?:services|models|inference)\.ai\.azure\.com$|^models\.inference\.ai\.azure\.com$"
    r"|^generativelanguage\.googleapis\.com$|^bedrock-(?:runtime|mantle)\b|^api\.cohere\.(?:com|ai)$"
    r"|^(?:api|codestral)\.(?:[^/]*\.)?mistral\.ai$|^api\.(?:groq|deepseek|perplexity|fireworks|cerebras|sambanova)\.(?:com|ai)$"
    r"|^(?:[^/]*\.)?api\.x\.ai$|^api\.moonshot\.(?:ai|cn)$|^openrouter\.ai$|^api\.together\.(?:ai|xyz)$"
    r"|^(?:integrate|ai)\.api\.nvidia\.com$|^(?:router|api-inference)\.huggingface\.co$|\.endpoints\.huggingface\.cloud$"
    r"|^models\.github\.ai$|^api\.(?:voyageai|writer|deepinfra|jina|ai21|llama)\.(?:com|ai)$|^api\.(?:z|friendli|lambda)\.ai$"
    r"|^(?:gateway\.ai\.cloudflare\.com|ai-gateway\.vercel\.sh|api\.portkey\.ai)$|\.helicone\.ai$|^inference\.generativeai\."
    r"|^inference\.baseten\.co$|^api\.inference\.wandb\.ai$|^api\.(?:hyperbolic\.xyz|novita\.ai)$|:11434$"
)
BODY = rb'"(?:messages|model|contents|prompt|inputs?|inputText|anthropic_version|texts|instances)"\s*:'
