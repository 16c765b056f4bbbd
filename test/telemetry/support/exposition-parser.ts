/**
 * A strict reader of the text format (0.0.4) and of OpenMetrics 1.0, after their grammars: it throws where a Prometheus
 * server would refuse the page, and where one would take it but show something wrong.
 */

export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Family {
  readonly type: string;
  readonly help: string;
  readonly samples: Sample[];
}

const SUFFIXES: Readonly<Record<string, readonly string[]>> = {
  counter: ['', '_total'],
  gauge: [''],
  histogram: ['_bucket', '_sum', '_count'],
  info: ['_info'],
};
const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*/;
const LABEL = /^[a-zA-Z_][a-zA-Z0-9_]*/;

export function parseExposition(text: string, format: 'text' | 'openmetrics'): Map<string, Family> {
  if (!text.endsWith('\n')) throw new Error('the last line has no end');
  const lines = text.slice(0, -1).split('\n');
  if (format === 'openmetrics' && lines.pop() !== '# EOF') throw new Error('no # EOF at the end');
  const families = new Map<string, Family>();
  let current = '';
  let help: string | undefined;
  for (const line of lines) {
    const [, keyword, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
    if (keyword === 'HELP') help = rest;
    else if (keyword === 'TYPE') {
      if (families.has(name)) throw new Error(`${name} has two TYPE lines`);
      if (SUFFIXES[rest] === undefined) throw new Error(`${name}: unknown type ${rest}`);
      families.set(name, { type: rest, help: help ?? '', samples: [] });
      current = name;
      help = undefined;
    } else if (line.startsWith('#')) throw new Error(`no comment is written: ${line}`);
    else addSample(families.get(current), current, parseSample(line), format);
  }
  for (const [name, family] of families) checkFamily(name, family);
  return families;
}

function addSample(family: Family | undefined, name: string, sample: Sample, format: string): void {
  if (family === undefined) throw new Error(`${sample.name} before its TYPE`);
  const suffix = sample.name.startsWith(name) ? sample.name.slice(name.length) : '-';
  if (!SUFFIXES[family.type]?.includes(suffix))
    throw new Error(`${sample.name} is no sample of ${family.type} ${name}`);
  if (family.type === 'counter' && format === 'openmetrics' && suffix !== '_total') throw new Error(`${sample.name}`);
  family.samples.push(sample);
}

function parseSample(line: string): Sample {
  const name = NAME.exec(line)?.[0];
  if (name === undefined) throw new Error(`no name: ${line}`);
  let at = name.length;
  const labels: Record<string, string> = {};
  if (line[at] === '{') {
    at += 1;
    while (line[at] !== '}') {
      const label = LABEL.exec(line.slice(at))?.[0];
      if (label === undefined || line.slice(at + label.length, at + label.length + 2) !== '="')
        throw new Error(`bad label at ${at}: ${line}`);
      if (label in labels) throw new Error(`label ${label} twice: ${line}`);
      if (label.startsWith('__')) throw new Error(`label ${label} is the server's own`);
      at += label.length + 2;
      let value = '';
      for (; line[at] !== '"'; at += 1) {
        if (at >= line.length) throw new Error(`label without end: ${line}`);
        if (line[at] !== '\\') {
          value += line[at];
          continue;
        }
        at += 1;
        const escaped = { '\\': '\\', '"': '"', n: '\n' }[line[at] ?? ''];
        if (escaped === undefined) throw new Error(`unknown escape \\${line[at]}: ${line}`);
        value += escaped;
      }
      labels[label] = value;
      at += 1;
      if (line[at] === ',') at += 1;
      else if (line[at] !== '}') throw new Error(`no comma between labels: ${line}`);
    }
    at += 1;
  }
  const number = /^ ([+-]?(?:\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|Inf)|NaN)$/.exec(line.slice(at))?.[1];
  if (number === undefined) throw new Error(`no value: ${line}`);
  return { name, labels, value: Number(number.replace('Inf', 'Infinity')) };
}

/** No series twice; buckets ascend, end at +Inf, and agree with the count. */
function checkFamily(name: string, { type, samples }: Family): void {
  const seen = new Set<string>();
  const buckets = new Map<string, [bound: number, count: number][]>();
  const counts = new Map<string, number>();
  for (const { name: sample, labels, value } of samples) {
    const key = sample + JSON.stringify(Object.entries(labels).sort());
    if (seen.has(key)) throw new Error(`series twice: ${key}`);
    seen.add(key);
    const { le, ...others } = labels;
    const series = JSON.stringify(Object.entries(others).sort());
    if (sample.endsWith('_bucket')) {
      if (le === undefined) throw new Error(`${sample} without le`);
      const all = buckets.get(series) ?? [];
      buckets.set(series, all);
      all.push([Number(le.replace('Inf', 'Infinity')), value]);
    } else if (le !== undefined) throw new Error(`${sample} has le`);
    if (type === 'histogram' && sample.endsWith('_count')) counts.set(series, value);
  }
  for (const [series, all] of buckets) {
    for (const [index, [bound, count]] of all.entries()) {
      const [before, less] = all[index - 1] ?? [-Infinity, 0];
      if (!(bound > before) || count < less) throw new Error(`${name}: buckets do not ascend: ${JSON.stringify(all)}`);
    }
    const [last, count] = all.at(-1)!;
    if (last !== Infinity) throw new Error(`${name}: no +Inf bucket`);
    if (count !== counts.get(series)) throw new Error(`${name}: +Inf bucket and count differ`);
  }
}
