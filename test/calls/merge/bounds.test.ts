/** Whatever comes, in whatever order: every call is told once, no span twice, and the memory is bounded. */
import { describe, expect, test } from '@jest/globals';
import { LONGEST_HOLD } from '../../../src/calls/merge/merger.js';
import { seededRandom } from '../../support/random.js';
import { chat, PID, scene } from './scene.js';

describe('limits', () => {
  test('spans that never end fall out, the oldest first, and are counted', () => {
    const run = scene({ limits: { knownSpans: 3 } });
    for (const id of ['a', 'b', 'c', 'd', 'e']) run.start(id, { name: 'Runnable', trace: id });
    expect(run.merger.counts().forgottenSpans).toBe(2);
    run.send('old', 'a', 'a');
    run.answer('old');
    // A span that is not known is the program's own as far as anybody can say: still its parent.
    expect(run.told()).toEqual(['call old child a/*<a']);
  });

  test('a span that falls out lets its waiting call go', () => {
    const run = scene({ limits: { knownSpans: 2 } });
    run.start('a', { name: 'Runnable' });
    run.send('one', 'a');
    run.answer('one');
    run.start('b');
    expect(run.told()).toEqual([]);
    run.start('c');
    expect(run.told()).toEqual(['call one child trace/*<a']);
  });

  test('more waiting spans than allowed: the oldest is a step, not lost', () => {
    const run = scene({ limits: { heldSpans: 2 } });
    for (const id of ['a', 'b', 'c']) {
      run.start(id, { trace: id });
      run.end(id, chat());
    }
    expect(run.told()).toEqual(['step a a/a<']);
    expect(run.merger.counts().releasedSpans).toBe(1);
  });

  test('more waiting calls than allowed: the oldest waits no longer', () => {
    const run = scene({ limits: { heldCalls: 1 } });
    run.start('a');
    for (const key of ['one', 'two']) {
      run.send(key, 'a');
      run.answer(key);
    }
    expect(run.told()).toEqual(['call one child trace/*<a']);
    expect(run.merger.counts().releasedCalls).toBe(1);
  });

  test('an exchange that fell out still has its call told', () => {
    const run = scene({ limits: { openExchanges: 1 } });
    run.send('one');
    run.send('two');
    expect(run.merger.counts().forgottenExchanges).toBe(1);
    run.answer('one');
    run.answer('two');
    expect(run.told()).toEqual([expect.stringMatching(/^call one root/), expect.stringMatching(/^call two root/)]);
  });
});

/** A program that does anything: spans under spans, retries, streams, ends in any order, ids or none. */
function anyProgram(seed: number) {
  const random = seededRandom(seed);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
  const tight = random() < 0.3;
  const limits = tight ? { knownSpans: 8, heldSpans: 3, heldCalls: 2, openExchanges: 3, traces: 2 } : {};
  const run = scene({ limits });
  const openSpans = new Set<string>();
  const openCalls = new Set<string>();
  const ended: string[] = [];
  const answered: string[] = [];
  let time = 0;
  for (let step = 0; step < 120; step += 1) {
    time += Math.floor(random() * (random() < 0.05 ? 5_000 : 60));
    run.to(time);
    const what = random();
    if (what < 0.25) {
      const id = `span-${step}`;
      const known = [...openSpans, ...ended];
      const name = pick(['chat', 'chat gpt-4o', 'invoke_agent a', 'Runnable']);
      run.start(id, { name, ...(known.length > 0 && random() < 0.7 && { parent: pick(known) }) });
      openSpans.add(id);
    } else if (what < 0.45 && openSpans.size > 0) {
      const id = pick([...openSpans]);
      openSpans.delete(id);
      ended.push(id);
      run.end(id, random() < 0.6 ? chat(pick(['gpt-4o', 'gpt-4o-mini', 'unknown'])) : {});
    } else if (what < 0.7) {
      const key = `call-${step}`;
      const known = [...openSpans, ...ended];
      run.send(key, known.length > 0 && random() < 0.7 ? pick(known) : undefined);
      openCalls.add(key);
    } else if (openCalls.size > 0) {
      const key = pick([...openCalls]);
      openCalls.delete(key);
      if (random() < 0.1) run.merger.exchangeEnded(key);
      else {
        answered.push(key);
        run.answer(key, { request: { model: pick(['gpt-4o', 'gpt-4o-mini']) } });
      }
    }
  }
  for (const key of openCalls) run.merger.exchangeEnded(key);
  run.to(time + 2 * LONGEST_HOLD);
  if (random() < 0.5) run.merger.processEnded(PID);
  else run.merger.flush();
  return { run, ended, answered };
}

test('400 programs that do anything: nothing is lost, nothing is told twice', () => {
  for (let seed = 1; seed <= 400; seed += 1) {
    const { run, ended, answered } = anyProgram(seed);
    const calls = run.actions.filter(action => action.type === 'call');
    const onWire = calls.filter(({ reason }) => reason !== 'reported').map(({ call }) => call.id);
    expect({ seed, calls: onWire.sort() }).toEqual({ seed, calls: answered.sort() });
    const ids = run.actions.map(action => (action.type === 'call' ? action.identity.spanId : action.span.spanId));
    expect({ seed, twice: ids.filter((id, index) => ids.indexOf(id) !== index) }).toEqual({ seed, twice: [] });
    // Each ended span is there: as a step, as the call that took its place, or as a call of its own.
    expect({ seed, missing: ended.filter(id => !ids.includes(id)) }).toEqual({ seed, missing: [] });
    expect({ seed, waits: run.merger.nextDeadline() }).toEqual({ seed, waits: undefined });
    // No span is its own ancestor.
    const parents = new Map(
      run.actions.map(action => {
        const { spanId, parentSpanId } = action.type === 'call' ? action.identity : action.span;
        return [spanId, parentSpanId];
      }),
    );
    for (const id of ids) {
      let steps = 0;
      for (let above = parents.get(id); above !== undefined; above = parents.get(above)) {
        steps += 1;
        if (steps > ids.length) throw new Error(`seed ${seed}: ${id} is below itself`);
      }
    }
  }
});

test('20,000 spans: the oldest are forgotten, none is released before its call', () => {
  const run = scene();
  for (let index = 0; index < 20_000; index += 1) {
    const id = `s${index}`;
    run.start(id, { name: 'chat', trace: `t${index % 10_000}` });
    run.send(`c${index}`, id, `t${index % 10_000}`);
    run.answer(`c${index}`);
    run.end(id, chat());
    run.actions.length = 0;
  }
  expect(run.merger.counts()).toEqual({
    forgottenSpans: 10_000,
    releasedSpans: 0,
    releasedCalls: 0,
    forgottenExchanges: 0,
  });
});
