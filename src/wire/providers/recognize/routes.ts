/**
 * Path -> wire format, by the end of the path, because gateways put anything in front. Where two ends fit, the longer one
 * is listed first.
 */
import { anthropicComplete } from '../anthropic/complete.js';
import { anthropicMessages } from '../anthropic/messages/index.js';
import { vertexRawPredict } from '../anthropic/vertex.js';
import { bedrockConverse } from '../bedrock/converse/index.js';
import { bedrockInvoke } from '../bedrock/invoke/index.js';
import { workersAi } from '../cloudflare/index.js';
import { cohereChatV1 } from '../cohere/chat-v1/index.js';
import { cohereChatV2 } from '../cohere/chat-v2/index.js';
import { cohereEmbed } from '../cohere/embed/index.js';
import { cohereGenerate } from '../cohere/generate/index.js';
import { dashscopeEmbeddings, dashscopeGeneration } from '../dashscope/index.js';
import { servingInvocations } from '../databricks/index.js';
import type { Format } from '../format.js';
import { geminiEmbeddings } from '../gemini/embeddings/index.js';
import { geminiGenerate } from '../gemini/generate/index.js';
import { geminiInteractions } from '../gemini/interactions/index.js';
import { vertexPredict } from '../gemini/predict/index.js';
import { mistralConversations } from '../mistral/conversations/index.js';
import { ollamaChat, ollamaEmbeddings, ollamaGenerate } from '../ollama/index.js';
import { openAiSpeech, openAiTranscription } from '../openai/audio/index.js';
import { openAiChat } from '../openai/chat/index.js';
import { openAiCompletions } from '../openai/completions/index.js';
import { openAiEmbeddings } from '../openai/embeddings/index.js';
import { openAiImages } from '../openai/images/index.js';
import { openAiResponses } from '../openai/responses/index.js';
import { rerank } from '../rerank/index.js';
import { huggingFaceEmbeddings, tgiGenerate } from '../tgi/index.js';
import { vercelLanguageModel } from '../vercel/language-model.js';
import { vercelEmbeddingModel, vercelImageModel } from '../vercel/other-models.js';
import { watsonxChat, watsonxEmbeddings, watsonxGeneration } from '../watsonx/index.js';

export interface Route {
  /** End of the path, without the query; empty where the model ends it. */
  readonly end: string;
  readonly format: Format;
  /** Only at these providers: elsewhere the path is too common to mean anything. */
  readonly only?: readonly string[];
  /** The path must also contain this. */
  readonly contains?: string;
  /** On a host that nobody knows, the answer must prove it. */
  readonly weak?: true;
}

const HUGGING_FACE = ['huggingface'];

export const ROUTES: readonly Route[] = [
  { end: '/chat/completions', format: openAiChat },
  { end: '/agents/completions', format: openAiChat },
  { end: '/completions', format: openAiCompletions },
  { end: '/text/embeddings', format: watsonxEmbeddings, only: ['ibm.watsonx.ai'] },
  { end: '/api/embeddings', format: ollamaEmbeddings, weak: true },
  { end: '/api/embed', format: ollamaEmbeddings, weak: true },
  { end: '/embeddings', format: openAiEmbeddings },
  { end: '/multimodalembeddings', format: openAiEmbeddings, only: ['voyageai'] },
  { end: '/contextualizedembeddings', format: openAiEmbeddings, only: ['voyageai'] },
  { end: '/responses', format: openAiResponses },
  { end: '/responses/compact', format: openAiResponses },
  { end: '/images/generations', format: openAiImages },
  { end: '/images/edits', format: openAiImages },
  { end: '/images/variations', format: openAiImages },
  { end: '/audio/speech', format: openAiSpeech },
  { end: '/audio/transcriptions', format: openAiTranscription },
  { end: '/audio/translations', format: openAiTranscription },
  { end: '/v1/messages', format: anthropicMessages },
  { end: '/v1/complete', format: anthropicComplete, only: ['anthropic'] },
  { end: ':rawPredict', format: vertexRawPredict },
  { end: ':streamRawPredict', format: vertexRawPredict },
  { end: ':generateContent', format: geminiGenerate },
  { end: ':streamGenerateContent', format: geminiGenerate },
  { end: ':embedContent', format: geminiEmbeddings },
  { end: ':batchEmbedContents', format: geminiEmbeddings },
  { end: ':predict', format: vertexPredict, only: ['gcp.vertex_ai', 'gcp.gemini'] },
  { end: '/interactions', format: geminiInteractions, only: ['gcp.gemini', 'gcp.vertex_ai'] },
  { end: '/converse', format: bedrockConverse, contains: '/model/' },
  { end: '/converse-stream', format: bedrockConverse, contains: '/model/' },
  { end: '/invoke', format: bedrockInvoke, contains: '/model/', weak: true },
  { end: '/invoke-with-response-stream', format: bedrockInvoke, contains: '/model/', weak: true },
  { end: '/v2/chat', format: cohereChatV2, only: ['cohere'] },
  { end: '/v1/chat', format: cohereChatV1, only: ['cohere'] },
  { end: '/v1/chat', format: openAiChat, only: ['writer'] },
  { end: '/v1/embed', format: cohereEmbed, only: ['cohere'] },
  { end: '/v2/embed', format: cohereEmbed, only: ['cohere'] },
  { end: '/v1/generate', format: cohereGenerate, only: ['cohere'] },
  { end: '/v1/conversations', format: mistralConversations, only: ['mistral_ai'] },
  {
    end: '/rerank',
    format: rerank,
    only: ['cohere', 'voyageai', 'jina', 'together', 'nvidia', 'fireworks', 'deepinfra'],
  },
  { end: '/api/chat', format: ollamaChat, weak: true },
  { end: '/api/generate', format: ollamaGenerate, weak: true },
  { end: '/text/chat', format: watsonxChat, only: ['ibm.watsonx.ai'] },
  { end: '/text/chat_stream', format: watsonxChat, only: ['ibm.watsonx.ai'] },
  { end: '/text/generation', format: watsonxGeneration, only: ['ibm.watsonx.ai'] },
  { end: '/text/generation_stream', format: watsonxGeneration, only: ['ibm.watsonx.ai'] },
  { end: '/inference:complete', format: openAiChat, only: ['snowflake'] },
  { end: '/invocations', format: servingInvocations, weak: true },
  { end: '/generate', format: tgiGenerate, weak: true },
  { end: '/generate_stream', format: tgiGenerate, weak: true },
  { end: '/ai/language-model', format: vercelLanguageModel },
  { end: '/ai/embedding-model', format: vercelEmbeddingModel },
  { end: '/ai/image-model', format: vercelImageModel },
  { end: '', contains: '/ai/run/@', format: workersAi },
  { end: '', contains: '/workers-ai/@', format: workersAi },
  { end: '/aigc/text-generation/generation', format: dashscopeGeneration },
  { end: '/aigc/multimodal-generation/generation', format: dashscopeGeneration },
  { end: '/embeddings/text-embedding/text-embedding', format: dashscopeEmbeddings },
  { end: '/pipeline/feature-extraction', format: huggingFaceEmbeddings, only: HUGGING_FACE },
  { end: '/', format: tgiGenerate, only: HUGGING_FACE },
];
