/**
 * The format of an exchange whose host and path say nothing: the request leaves several open, or fits one by chance, and the
 * answer decides. Until then nothing of the request is read into the call.
 */
import type { CallDraft } from '../call-draft.js';
import type { Shape } from '../family.js';
import type { Format, Heads, StreamReader } from '../format.js';
import type { Fields } from '../json/fields.js';
import { merge, type SelectedMembers } from '../json/selection.js';

/** Events that may come before the one that shows the format: comments of a gateway, pings. */
const MOST_HELD = 16;

/** @param shapes that the request fits, the stricter ones first; at least one */
export function provenByAnswer(shapes: readonly Shape[]): Format {
  let request: Fields | undefined;
  let chosen: Format | undefined;

  function choose(shape: Shape | undefined, draft: CallDraft, heads: Heads): Format | undefined {
    if (shape === undefined) return undefined;
    chosen = shape.format;
    draft.isProven = true;
    draft.operation = chosen.operation;
    chosen.readRequest(request ?? {}, draft, heads);
    request = undefined;
    return chosen;
  }

  return {
    get name() {
      return (chosen ?? shapes[0]!.format).name;
    },
    arrayStream: true,
    requestFields: content => merge(...shapes.map(shape => shape.format.requestFields(content))),
    responseFields: content => answerFields(shapes, content),
    isRequest: () => true,
    readRequest(body) {
      request = body;
    },
    readResponse(body, draft, heads) {
      const format = choose(
        shapes.find(shape => shape.isAnswer(body)),
        draft,
        heads,
      );
      if (format === undefined) draft.isNoCall = true;
      else format.readResponse(body, draft, heads);
    },
    openStream: (draft, heads) => openUndecided(shapes, draft, heads, shape => choose(shape, draft, heads)),
  };
}

/** Merged once for each combination, of which programs have few; to merge costs 20 µs. */
const ANSWER_FIELDS = new Map<string, SelectedMembers>();

function answerFields(shapes: readonly Shape[], content: boolean): SelectedMembers {
  const key = `${content} ${shapes.map(shape => shape.format.name).join()}`;
  let selection = ANSWER_FIELDS.get(key);
  if (selection === undefined) {
    selection = merge(...shapes.map(shape => shape.format.responseFields(content)));
    ANSWER_FIELDS.set(key, selection);
  }
  return selection;
}

function openUndecided(
  shapes: readonly Shape[],
  draft: CallDraft,
  heads: Heads,
  choose: (shape: Shape) => Format | undefined,
): StreamReader {
  const held: [Fields, string | undefined][] = [];
  let reader: StreamReader | undefined;

  function decide(event: Fields, name: string | undefined): void {
    const shape = shapes.find(
      each => each.format.openStream !== undefined && (each.isEvent ?? each.isAnswer)(event, name),
    );
    if (shape === undefined) {
      if (held.length < MOST_HELD) held.push([event, name]);
      return;
    }
    reader = choose(shape)!.openStream!(draft, heads);
    for (const [before, beforeName] of held.splice(0)) reader.event(before, beforeName);
  }

  return {
    event(event, name) {
      if (reader === undefined) decide(event, name);
      return reader?.event(event, name) ?? false;
    },
    get complete() {
      return reader?.complete ?? false;
    },
    end() {
      if (reader === undefined) draft.isNoCall = true;
      reader?.end?.();
    },
  };
}
