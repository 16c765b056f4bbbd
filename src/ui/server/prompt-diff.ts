/** What changed from one prompt to the next: whole messages first, then the words of those that changed. */
import { diffArrays, diffWordsWithSpace } from 'diff';
import type { ChatMessage, MessageDiff, Piece } from '../api.js';
import { textOf } from './conversation.js';

/** Words of longer texts are not compared: it would take seconds. */
const LONGEST = 20_000;

const wholeText = ({ parts }: ChatMessage) => parts.map(textOf).join('\n');

export function diffPrompts(before: readonly ChatMessage[], now: readonly ChatMessage[]): MessageDiff[] {
  const key = (message: ChatMessage) => `${message.role}\n${wholeText(message)}`;
  const result: MessageDiff[] = [];
  let removed: ChatMessage[] = [];
  const byKey = new Map([...before, ...now].map(message => [key(message), message]));
  const flush = () => {
    result.push(...removed.map(message => whole('removed', message)));
    removed = [];
  };
  for (const change of diffArrays(before.map(key), now.map(key))) {
    const messages = change.value.map(text => byKey.get(text)!);
    if (change.removed) removed.push(...messages);
    else if (change.added) {
      for (const message of messages) {
        const partner = removed.findIndex(({ role }) => role === message.role);
        if (partner < 0) result.push(whole('added', message));
        else result.push(changed(removed.splice(partner, 1)[0]!, message));
      }
    } else {
      flush();
      result.push(...messages.map(message => whole('same', message)));
    }
  }
  flush();
  return result;
}

const whole = (change: 'same' | 'added' | 'removed', message: ChatMessage): MessageDiff => ({
  change,
  role: message.role,
  pieces: [[change, wholeText(message)]],
});

function changed(before: ChatMessage, now: ChatMessage): MessageDiff {
  const [old, text] = [wholeText(before), wholeText(now)];
  const pieces: Piece[] =
    old.length + text.length > LONGEST
      ? [
          ['removed', old],
          ['added', text],
        ]
      : diffWordsWithSpace(old, text).map(({ added, removed, value }) => [
          added ? 'added' : removed ? 'removed' : 'same',
          value,
        ]);
  return { change: 'changed', role: now.role, pieces };
}
