/** The fields of Converse that are read. @see https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html */
import { each, KEEP, keep, type SelectedMembers, SIZE } from '../../json/selection.js';

export const REQUEST: SelectedMembers = {
  ...keep('inferenceConfig', 'guardrailConfig', 'serviceTier', 'additionalModelRequestFields', 'outputConfig'),
  messages: SIZE,
  system: SIZE,
};

export const REQUEST_WITH_CONTENT: SelectedMembers = {
  ...REQUEST,
  messages: each(KEEP),
  system: each(KEEP),
  toolConfig: { tools: each(KEEP) },
};

export const RESPONSE: SelectedMembers = {
  ...keep('stopReason', 'usage', 'serviceTier', 'performanceConfig', 'message', 'Message', '__type', 'Output'),
  output: { message: { content: each(KEEP) } },
  trace: { promptRouter: KEEP },
};
