/** The methods of gRPC whose messages are known: what they are in JSON over HTTP, and where they would be asked for. */
import type { RequestHead } from '../../exchange.js';
import type { Format } from '../format.js';
import { geminiGenerate } from '../gemini/generate/index.js';
import { type Fields, text } from '../json/fields.js';
import { openAiChat } from '../openai/chat/index.js';
import { GEMINI, type GoogleService, VERTEX } from './google.js';
import type { Description } from './protobuf.js';
import { XAI_CHUNK, XAI_REQUEST, XAI_RESPONSE, xaiAnswer, xaiRequest } from './xai.js';

export interface GrpcMethod {
  readonly provider: string;
  readonly format: Format;
  readonly streams: boolean;
  readonly request: Description;
  readonly response: Description;
  /** The same request in JSON: its path, and its body. */
  pathOf(request: Fields): string;
  requestOf(request: Fields): Fields;
  answerOf(message: Fields): Fields;
}

/** Begins the paths of what is decoded: for the taps, which look at nothing else of gRPC. */
export const GRPC_PATHS = [
  '^/google[.]ai[.]generativelanguage[.]v[a-z0-9]+[.]GenerativeService/(?:Stream)?GenerateContent$',
  '^/google[.]cloud[.]aiplatform[.]v[a-z0-9]+[.]PredictionService/(?:Stream)?GenerateContent$',
  '^/xai_api[.]Chat/GetCompletion(?:Chunk)?$',
];

const KNOWN = new RegExp(GRPC_PATHS.join('|'));

export function grpcMethodOf({ headers, path }: RequestHead): GrpcMethod | undefined {
  // Where it is lost, the path says enough.
  if (headers['content-type']?.startsWith('application/grpc') === false) return undefined;
  if (!KNOWN.test(path)) return undefined;
  const [service = '', method = ''] = path.slice(1).split('/');
  const streams = method.startsWith('Stream') || method.endsWith('Chunk');
  const version = service.split('.').at(-2)!;
  if (service.startsWith('google.cloud.')) return googleMethod(VERTEX, 'gcp.vertex_ai', version, streams);
  if (service.startsWith('google.ai.')) return googleMethod(GEMINI, 'gcp.gemini', version, streams);
  return {
    provider: 'x_ai',
    format: openAiChat,
    streams,
    request: XAI_REQUEST,
    response: streams ? XAI_CHUNK : XAI_RESPONSE,
    pathOf: () => '/v1/chat/completions',
    requestOf: request => xaiRequest(request, streams),
    answerOf: xaiAnswer,
  };
}

function googleMethod(service: GoogleService, provider: string, version: string, streams: boolean): GrpcMethod {
  const verb = streams ? 'streamGenerateContent?alt=sse' : 'generateContent';
  return {
    provider,
    format: geminiGenerate,
    streams,
    ...service,
    pathOf: request => `/${version}/${text(request['model']) ?? 'models/'}:${verb}`,
    requestOf: ({ model: _, ...request }) => request,
    answerOf: message => message,
  };
}
