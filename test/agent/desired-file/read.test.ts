/** Desired-state files: what they ask for, and errors with file, line, key, value and what is allowed. */
import { describe, expect, test } from '@jest/globals';
import { desireOf, NOTHING_DESIRED } from '../../../src/agent/desired.js';
import { applyFiles, mustReadDesired, readDesired } from '../../../src/agent/desired-file/read.js';
import { KEY_FORMS } from '../../../src/agent/desired-file/schema.js';
import { Problem } from '../../../src/errors.js';

const read = (text: string) => readDesired([{ file: 'fleet.yml', text }]);

test('wishes, each with its line', () => {
  expect(
    read(`workloads:
  - key: linux:systemd:app.service
    observe: on
    inject: true
  - key: k8s:shop:web:main
    lifecycle: stopped
  - key: docker:only-named
`),
  ).toEqual({
    broken: [],
    errors: [],
    wishes: [
      { workload: 'linux:systemd:app.service', feature: 'observe', value: 'on', source: 'file', where: 'fleet.yml:3' },
      { workload: 'linux:systemd:app.service', feature: 'inject', value: 'on', source: 'file', where: 'fleet.yml:4' },
      { workload: 'k8s:shop:web:main', feature: 'lifecycle', value: 'stopped', source: 'file', where: 'fleet.yml:6' },
    ],
  });
});

test('JSON is read too, and an empty file asks for nothing', () => {
  expect(read('{"workloads": [{"key": "docker:a", "observe": "off"}]}').wishes).toMatchObject([{ value: 'off' }]);
  for (const text of ['', '# nothing yet\n', 'workloads: []\n'])
    expect(read(text)).toEqual({ wishes: [], errors: [], broken: [] });
});

describe('errors', () => {
  test.each<[string, string, string[]]>([
    [
      'a value',
      'workloads:\n  - key: docker:a\n    observe: "yes"\n',
      ['fleet.yml:3: workloads.0.observe is "yes": allowed: on or off'],
    ],
    [
      'lifecycle',
      'workloads:\n  - key: docker:a\n    lifecycle: paused\n',
      ['fleet.yml:3: workloads.0.lifecycle is "paused": allowed: running or stopped'],
    ],
    [
      'a key that can match nothing',
      'workloads:\n  - key: myapp\n',
      [`fleet.yml:2: workloads.0.key is "myapp": allowed: ${KEY_FORMS}`],
    ],
    ['no key', 'workloads:\n  - observe: on\n', [`fleet.yml:2: workloads.0.key is missing: allowed: ${KEY_FORMS}`]],
    [
      'an unknown name, with the nearest',
      'workloads:\n  - key: docker:a\n    observ: on\n',
      ['fleet.yml:3: unknown key workloads.0.observ: did you mean observe?'],
    ],
    [
      'an unknown name, with all',
      'zzzzzz: 1\nworkloads: []\n',
      ['fleet.yml:1: unknown key zzzzzz: allowed: workloads'],
    ],
    [
      'no list',
      'workloads: docker:a\n',
      ['fleet.yml:1: workloads is "docker:a": allowed: a list of workloads, each with a key'],
    ],
    ['no section', '- docker:a\n', ['fleet.yml:1: the file is ["docker:a"]: allowed: a section with workloads']],
    [
      'an entry that is none',
      'workloads:\n  - docker:a\n',
      ['fleet.yml:2: workloads.0 is "docker:a": allowed: a section with key, observe, inject, lifecycle'],
    ],
    [
      'several',
      'workloads:\n  - key: docker:a\n    observe: 1\n    inject: 2\n',
      [
        'fleet.yml:3: workloads.0.observe is 1: allowed: on or off',
        'fleet.yml:4: workloads.0.inject is 2: allowed: on or off',
      ],
    ],
  ])('%s', (_name, text, errors) => {
    expect(read(text)).toEqual({ wishes: [], errors, broken: ['fleet.yml'] });
  });

  test('syntax, with its line', () => {
    const { wishes, errors } = read('workloads:\n  - key: docker:a\n    key: docker:b\n');
    expect(wishes).toEqual([]);
    expect(errors).toEqual(['fleet.yml:3: Map keys must be unique']);
  });

  test('all of them at once, as one problem', () => {
    const text = 'workloads:\n  - key: a\n    observe: 1\n';
    expect(() => mustReadDesired([{ file: 'x.yml', text }])).toThrow(Problem);
    expect(mustReadDesired([{ file: 'x.yml', text: 'workloads: [{ key: "docker:a", inject: off }]' }])).toMatchObject([
      { feature: 'inject', value: 'off' },
    ]);
  });
});

describe('a folder', () => {
  const file = (name: string, value: string) => ({
    file: name,
    text: `workloads: [{ key: "docker:a", observe: ${value} }]`,
  });

  test('one broken file does not take the others with it', () => {
    const { wishes, errors } = readDesired([file('b.yml', 'maybe'), file('a.yml', 'on')]);
    expect(wishes).toMatchObject([{ value: 'on', where: 'a.yml:1' }]);
    expect(errors).toHaveLength(1);
  });

  test('two that disagree are told; two that agree are not', () => {
    expect(readDesired([file('b.yml', 'off'), file('a.yml', 'on')]).errors).toEqual([
      'b.yml:1: observe of docker:a is off: a.yml:1 says on; keep one of them',
    ]);
    expect(readDesired([file('b.yml', 'on'), file('a.yml', 'on')])).toMatchObject({
      wishes: [{ value: 'on' }],
      errors: [],
    });
  });
});

describe('what is broken withdraws nothing', () => {
  const file = (facts: { name?: string; text?: string; unreadable?: string }) => ({
    file: facts.name ?? 'a.yml',
    text: facts.text ?? '',
    ...(facts.unreadable !== undefined && { unreadable: facts.unreadable }),
  });
  const good = file({ text: 'workloads: [{ key: "docker:a", observe: on }]' });
  const first = applyFiles(NOTHING_DESIRED, [good], 1).desired;
  const value = (files: Parameters<typeof applyFiles>[1]) =>
    desireOf(applyFiles(first, files, 2).desired, 'docker:a', 'observe')!.value;

  test.each([
    ['not understood', file({ text: 'workloads: [{ key: ' })],
    ['not accepted', file({ text: 'workloads: [{ key: "docker:a", observe: maybe }]' })],
    ['not readable', file({ unreadable: 'permission denied' })],
  ])('%s', (_name, broken) => {
    expect(value([broken])).toBe('on');
    expect(applyFiles(first, [broken], 2).errors).not.toEqual([]);
  });

  test('what is gone or empty does, and another file may take over', () => {
    expect(value([])).toBe('off');
    expect(value([file({ text: '' })])).toBe('off');
    const other = file({ name: 'b.yml', text: 'workloads: [{ key: "docker:a", observe: off }]' });
    expect(value([file({ unreadable: 'no' }), other])).toBe('off');
    expect(value([{ ...good, file: 'moved.yml' }])).toBe('on');
  });

  test('a credential in an address is not shown', () => {
    const text = 'workloads: [{ key: "docker:a", observe: "https://user:planted-key@host" }]';
    expect(applyFiles(first, [file({ text })], 2).errors.join()).not.toContain('planted-key');
  });
});
