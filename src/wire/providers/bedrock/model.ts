import type { Heads } from '../format.js';
import { segmentAfter } from '../path-model.js';

/** The model id of `/model/{id}/…`, decoded: a foundation model, a geographic profile, or an ARN. */
export function bedrockModel({ path }: Heads): string | undefined {
  return segmentAfter(path, '/model/');
}
