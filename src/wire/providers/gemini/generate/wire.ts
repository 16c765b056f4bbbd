/** The fields of generateContent that are read. @see https://ai.google.dev/api/generate-content */
import { each, KEEP, keep, type SelectedMembers, SIZE } from '../../json/selection.js';
import { bothNames } from '../names.js';

const REQUEST = bothNames({ contents: SIZE, generationConfig: KEEP, config: KEEP });
const REQUEST_WITH_CONTENT = bothNames({
  contents: each(KEEP),
  generationConfig: KEEP,
  systemInstruction: KEEP,
  tools: each(KEEP),
});

const ANSWER: SelectedMembers = {
  ...keep('usageMetadata', 'modelVersion', 'responseId', 'promptFeedback', 'error'),
  candidates: each({ ...keep('index', 'finishReason'), content: KEEP, groundingMetadata: { webSearchQueries: SIZE } }),
};

/** The command line's sign-in wraps both bodies. */
export function requestFields(content: boolean): SelectedMembers {
  const own = content ? REQUEST_WITH_CONTENT : REQUEST;
  return { ...own, model: KEEP, request: { ...own, session_id: KEEP } };
}

export const RESPONSE: SelectedMembers = { ...ANSWER, response: ANSWER };
