import type { Family } from '../family.js';
import { GRPC_PATHS } from './methods.js';

/** Told by the method and the type of its bodies, so there is neither a route nor a shape. */
export const grpc: Family = {
  title: 'gRPC',
  reads:
    'GenerateContent and StreamGenerateContent of Gemini and Vertex AI, GetCompletion and GetCompletionChunk of xAI; by `attach`, and by Node where `node:http2` carries it',
  lookAhead: { paths: GRPC_PATHS },
};
