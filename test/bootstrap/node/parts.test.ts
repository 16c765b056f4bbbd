import { describe, expect, test } from '@jest/globals';
import { reportsCall } from '../../../src/bootstrap/node/app-context.js';
import { patchMethod } from '../../../src/bootstrap/node/patch.js';
import { observerEnvironment, pickEnvironment, tapSettings } from '../../../src/bootstrap/node/settings.js';
import { withHook } from '../../../src/bootstrap/node/workers.js';

describe('a method that is put in front', () => {
  test('keeps name, length and visibility, own or inherited', () => {
    class Base {
      take(_a: unknown, _b: unknown) {
        return 'base';
      }
    }
    class Derived extends Base {}
    const before = [Derived.prototype.take.name, Derived.prototype.take.length];
    patchMethod(
      Derived.prototype,
      'take',
      original =>
        function (this: never, ...args) {
          return `${String(original.apply(this, args))}!`;
        },
    );
    expect([Derived.prototype.take.name, Derived.prototype.take.length]).toEqual(before);
    expect(Object.keys(Derived.prototype)).toEqual([]);
    expect([new Derived().take(1, 2), new Base().take(1, 2)]).toEqual(['base!', 'base']);
  });

  test('stays enumerable where the inherited one was', () => {
    const base = { push: (_chunk: unknown) => true };
    const derived = Object.create(base) as typeof base;
    patchMethod(derived, 'push', original => original as never);
    const names: string[] = [];
    for (const name in Object.create(derived)) names.push(name);
    expect(names).toEqual(['push']);
  });
});

describe('the environment', () => {
  const env = {
    PATH: '/bin',
    HOME: '/root',
    XDG_RUNTIME_DIR: '/run',
    OPENAI_API_KEY: 'sk-planted',
    NODE_OPTIONS: '--require x',
    OTEL_SERVICE_NAME: 'shop',
    OTEL_EXPORTER_OTLP_HEADERS: 'key=planted',
    OPENLIT_INSTRUMENT_TAP: JSON.stringify({ v: 1, socket: '/run/a.sock', observer: ['node', 'x'], view: false }),
  };

  test('of which nothing secret is kept or handed on', () => {
    expect(JSON.stringify(pickEnvironment(env))).not.toContain('planted');
    expect(observerEnvironment(pickEnvironment(env)).sort()).toEqual([
      'HOME=/root',
      'OPENLIT_INSTRUMENT_DISABLED=1',
      'PATH=/bin',
      'XDG_RUNTIME_DIR=/run',
    ]);
  });

  test('names the observer in one variable of a version that we know', () => {
    expect(tapSettings(env)).toEqual({ socket: '/run/a.sock', observer: ['node', 'x'], wait: false, retry: false });
    expect(tapSettings({ OPENLIT_INSTRUMENT_TAP: '{"v":1,"wait":true}' })).toEqual({ wait: true, retry: false });
    expect(() => tapSettings({ OPENLIT_INSTRUMENT_TAP: '{"v":2}' })).toThrow(/version 2/);
    expect(() => tapSettings({ OPENLIT_INSTRUMENT_TAP: '{' })).toThrow();
  });
});

describe('Workers', () => {
  const hook = '/somewhere/hook.cjs';

  test('get our file only where their own environment has lost it', () => {
    const same = [
      ['file'],
      ['file', {}],
      ['file', { env: null }],
      ['file', { env: { NODE_OPTIONS: `--require "${hook}"` } }],
      ['file', { env: { OPENLIT_INSTRUMENT_DISABLED: '1' } }],
    ] as [unknown, Record<string, unknown> | undefined][];
    for (const args of same) expect(withHook(args, hook)).toEqual(args);
    expect(withHook(['file', { env: {}, execArgv: ['--no-warnings'], name: 'n' }], hook)).toEqual([
      'file',
      { env: {}, name: 'n', execArgv: ['--no-warnings', '--require', hook] },
    ]);
    expect(withHook(['file', { env: {} }], hook)[1]).toMatchObject({
      execArgv: [...process.execArgv, '--require', hook],
    });
  });
});

test.each([
  [{ 'gen_ai.operation.name': 'chat' }, true],
  [{ 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.request.model': 'gpt-4o' }, false],
  [{ 'gen_ai.operation.name': 'execute_tool' }, false],
  [{ 'gen_ai.system': 'openai', 'gen_ai.request.model': 'gpt-4o' }, true],
  [{ 'openinference.span.kind': 'LLM' }, true],
  [{ 'openinference.span.kind': 'CHAIN' }, false],
  [{ 'http.request.method': 'POST' }, false],
  [undefined, false],
])('whether a span of %j reports a model call itself: %s', (attributes, expected) => {
  expect(reportsCall(attributes)).toBe(expected);
});
