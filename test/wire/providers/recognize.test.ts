/** Host, path, body: what is a call, whose it is, and what is none. */
import { describe, expect, test } from '@jest/globals';
import { knownHost } from '../../../src/wire/providers/recognize/hosts.js';
import { splitHost } from '../../../src/wire/providers/recognize/target.js';

describe('hosts', () => {
  test.each([
    ['api.openai.com', '/v1/chat/completions', 'openai'],
    ['API.OpenAI.com:443', '/v1/chat/completions', 'openai'],
    ['eu.api.openai.com', '/v1/responses', 'openai'],
    ['chatgpt.com', '/backend-api/codex/responses', 'openai'],
    ['my.openai.azure.com', '/openai/deployments/x/embeddings', 'azure.ai.openai'],
    ['x.services.ai.azure.com', '/openai/v1/responses', 'azure.ai.openai'],
    ['x.services.ai.azure.com', '/models/chat/completions', 'azure.ai.inference'],
    ['x.services.ai.azure.com', '/anthropic/v1/messages', 'anthropic'],
    ['api.anthropic.com', '/v1/messages', 'anthropic'],
    ['generativelanguage.googleapis.com', '/', 'gcp.gemini'],
    ['us-central1-aiplatform.googleapis.com', '/', 'gcp.vertex_ai'],
    ['aiplatform.eu.rep.googleapis.com', '/', 'gcp.vertex_ai'],
    ['cloudcode-pa.googleapis.com', '/', 'gcp.gen_ai'],
    ['bedrock-runtime-fips.us-gov-west-1.amazonaws.com', '/', 'aws.bedrock'],
    ['bedrock-runtime.cn-north-1.amazonaws.com.cn', '/', 'aws.bedrock'],
    ['vpce-1.bedrock-runtime.us-east-1.vpce.amazonaws.com', '/model/m/converse', 'aws.bedrock'],
    ['codestral.mistral.ai', '/', 'mistral_ai'],
    ['eu-west-1.api.x.ai', '/', 'x_ai'],
    ['eu-de.ml.cloud.ibm.com', '/', 'ibm.watsonx.ai'],
    ['openrouter.ai', '/api/v1/chat/completions', 'openrouter'],
    ['api.business.githubcopilot.com', '/', 'github'],
    ['dbc-1.cloud.databricks.com', '/serving-endpoints/x/invocations', 'databricks'],
    ['[::1]:11434', '/api/chat', 'ollama'],
    ['openrouter.ai', '/docs', undefined],
    ['chatgpt.com', '/backend-api/me', undefined],
    ['api.openai.com.example.com', '/v1/chat/completions', undefined],
    ['notapi.openai.com', '/v1/chat/completions', undefined],
    ['s3.us-east-1.amazonaws.com', '/model/x/invoke', undefined],
    ['localhost:8000', '/v1/chat/completions', undefined],
  ])('%s%s is %s', (host, path, provider) => {
    expect(knownHost(host, path)?.provider).toBe(provider);
  });

  test.each([
    ['Example.com:8443', { name: 'example.com', port: 8443 }],
    ['example.com', { name: 'example.com' }],
    ['[::1]:80', { name: '::1', port: 80 }],
    ['[fe80::1]', { name: 'fe80::1' }],
    ['example.com:', { name: 'example.com' }],
    ['example.com:99999', { name: 'example.com' }],
  ])('%s is taken apart', (host, expected) => {
    expect(splitHost(host)).toEqual(expected);
  });
});
