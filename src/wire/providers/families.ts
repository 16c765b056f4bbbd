/**
 * Every folder of wire formats, one line each. Where the shapes of two fit a body, the earlier one wins: OpenAI's, which
 * others copy, comes last.
 */
import { anthropic } from './anthropic/family.js';
import { batches } from './batches/family.js';
import { bedrock } from './bedrock/family.js';
import { cloudflare } from './cloudflare/family.js';
import { cohere } from './cohere/family.js';
import { dashscope } from './dashscope/family.js';
import { databricks } from './databricks/family.js';
import type { Family } from './family.js';
import { gemini } from './gemini/family.js';
import { grpc } from './grpc/family.js';
import { mcp } from './mcp/family.js';
import { mistral } from './mistral/family.js';
import { ollama } from './ollama/family.js';
import { openAi } from './openai/family.js';
import { rerank } from './rerank/family.js';
import { tgi } from './tgi/family.js';
import { vercel } from './vercel/family.js';
import { watsonx } from './watsonx/family.js';

export const FAMILIES: readonly Family[] = [
  bedrock,
  anthropic,
  gemini,
  cohere,
  mistral,
  ollama,
  tgi,
  watsonx,
  databricks,
  vercel,
  cloudflare,
  dashscope,
  rerank,
  mcp,
  batches,
  grpc,
  openAi,
];
