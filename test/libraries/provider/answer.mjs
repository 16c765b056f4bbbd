// What the local provider answers: decided from the request alone, so that two runs of one program get the same answers.
// A program steers it by marks in its prompt:
//   <<say: TEXT>>    the answer's text            <<error: 429>>  this status instead of an answer
//   <<tool: NAME>>   call this tool, once         <<cut>>         a stream that breaks off

/** Milliseconds between the beginning of a stream and the first chunk that carries something of the model. */
export const FIRST_CHUNK = 60;
/** Milliseconds between two chunks. */
export const CHUNK = 5;

const TEXT = 'The answer is 42.';

/** @returns the last mark of this name in the texts; undefined where there is none */
function mark(texts, name) {
  const found = texts.flatMap(text => [...text.matchAll(new RegExp(`<<${name}(?::\\s*([\\s\\S]*?))?>>`, 'g'))]);
  return found.at(-1)?.[1]?.trim() ?? (found.length > 0 ? '' : undefined);
}

/** An instance of a JSON schema: the smallest that is valid for the schemas that client libraries send. */
export function instance(schema, root = schema) {
  if (schema === undefined || schema === true) return 'text';
  if (schema.$ref) {
    const place = schema.$ref.replace(/^#\//, '').split('/');
    return instance(
      place.reduce((inner, key) => inner?.[key], root),
      root,
    );
  }
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum[0];
  const choice = (schema.anyOf ?? schema.oneOf ?? schema.allOf)?.[0];
  if (choice) return instance(choice, root);
  const type = String(Array.isArray(schema.type) ? schema.type[0] : (schema.type ?? 'object')).toLowerCase();
  if (type === 'string') return 'Paris';
  if (type === 'integer') return 7;
  if (type === 'number') return 7.5;
  if (type === 'boolean') return true;
  if (type === 'null') return null;
  if (type === 'array') return [instance(schema.items, root)];
  const wanted = schema.required ?? Object.keys(schema.properties ?? {});
  return Object.fromEntries(wanted.map(key => [key, instance(schema.properties?.[key], root)]));
}

/**
 * @param asked what a format read from its request: `model`, `stream`, `messages` [{role, text, toolResult}], `tools`
 *   [{name, schema}], `force` (a tool's name, or true: any), `schema` (of the answer), `format`
 * @returns `{text}` or `{tool: {name, args}}`, always with `input` and `output` (tokens); or `{error: status}`
 */
export function decide(asked) {
  const texts = asked.messages.map(({ text }) => text);
  const status = mark(texts.slice(-1), 'error');
  if (status) return { error: Number(status) };
  const input = 20 + 3 * asked.messages.length + ((texts.at(-1) ?? '').split(/\s+/).length % 17);
  const usage = answer => ({ input, output: 2 + answer.split(/\s+/).length });
  const tool = chooseTool(asked, texts);
  const cut = mark(texts, 'cut') !== undefined;
  if (tool) {
    const args = instance(tool.schema ?? { type: 'object' });
    return { tool: { name: tool.name, args }, ...usage(JSON.stringify(args)), cut };
  }
  const said = mark(texts, 'say');
  const text = said ?? (asked.schema ? JSON.stringify(instance(asked.schema)) : TEXT);
  return { text, ...usage(text), cut };
}

function chooseTool({ tools = [], force, messages }, texts) {
  if (typeof force === 'string') return tools.find(({ name }) => name === force);
  const named = mark(texts, 'tool');
  const wanted = named && tools.find(({ name }) => name === named);
  const since = messages.findLastIndex(({ text }) => /<<tool/.test(text));
  if (wanted && !messages.slice(since + 1).some(({ toolResult }) => toolResult)) return wanted;
  if (force !== true) return undefined;
  return tools.find(({ name }) => /^final_/.test(name)) ?? tools.at(-1);
}

/** The text in pieces, as a stream brings it. */
export function pieces(text) {
  const size = Math.max(1, Math.ceil(text.length / 3));
  return text.match(new RegExp(`[\\s\\S]{1,${size}}`, 'g')) ?? [''];
}

/** The text of a content that is a string, a list of parts, or absent. */
export function textOf(content) {
  if (content === undefined || content === null) return '';
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return String(content.text ?? content.content ?? '');
  return content.map(part => (typeof part === 'string' ? part : String(part.text ?? ''))).join(' ');
}

/** A vector that depends on the text alone. */
export function vector(text, size = 8) {
  const numbers = Array.from({ length: size }, () => 0);
  for (const [index, letter] of [...text].entries()) numbers[index % size] += letter.codePointAt(0);
  const length = Math.hypot(...numbers) || 1;
  return numbers.map(number => Number((number / length).toFixed(6)));
}
