/**
 * The providers' finish reasons in the words of the conventions' message schema. The attribute
 * `gen_ai.response.finish_reasons` keeps the raw words; only the message carries these.
 */
const NORMAL: Readonly<Record<string, string>> = {
  stop: 'stop',
  eos: 'stop',
  eos_token: 'stop',
  end_turn: 'stop',
  stop_sequence: 'stop',
  pause_turn: 'stop',
  complete: 'stop',
  completed: 'stop',
  finish: 'stop',
  // The program added to its question, and the next answer goes on from here.
  steered: 'stop',
  length: 'length',
  model_length: 'length',
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  max_messages: 'length',
  continuation: 'length',
  requires_continuation: 'length',
  budget_exceeded: 'length',
  tool_calls: 'tool_call',
  tool_call: 'tool_call',
  tool_use: 'tool_call',
  function_call: 'tool_call',
  content_filter: 'content_filter',
  content_filtered: 'content_filter',
  refusal: 'content_filter',
  guardrail_intervened: 'content_filter',
  safety: 'content_filter',
  recitation: 'content_filter',
  blocklist: 'content_filter',
  prohibited_content: 'content_filter',
  spii: 'content_filter',
  model_armor: 'content_filter',
  escalation: 'content_filter',
  pup_limited_disabled: 'content_filter',
  error_toxic: 'content_filter',
  error: 'error',
  timeout: 'error',
  error_limit: 'error',
  user_cancel: 'error',
  other: 'error',
  not_finished: 'error',
  insufficient_system_resource: 'error',
  malformed_function_call: 'error',
  unexpected_tool_call: 'error',
  too_many_tool_calls: 'error',
  missing_thought_signature: 'error',
  malformed_response: 'error',
  malformed_model_output: 'error',
  malformed_tool_use: 'error',
  compaction: 'compaction',
};

/** Gemini ends a function call with `STOP`, so the parts decide there. A word that nobody knows stays as it is. */
export function normalFinishReason(raw: string, hasToolCalls: boolean): string {
  // The AI SDK joins words by hyphens.
  const word = raw.toLowerCase().replaceAll('-', '_');
  if (word.startsWith('image_') && word !== 'image_other') return 'content_filter';
  const normal = NORMAL[word] ?? raw;
  return normal === 'stop' && hasToolCalls ? 'tool_call' : normal;
}
