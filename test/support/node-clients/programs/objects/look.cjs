// Writes down all that a program can find out about an object, a function, an error or its process: one JSON line a fact.
const { createHook } = require('node:async_hooks');
const diagnostics = require('node:diagnostics_channel');
const events = require('node:events');
const { inspect, types } = require('node:util');

const PLAIN = new Set(['string', 'number', 'boolean', 'undefined', 'bigint', 'symbol']);
/** Objects of one case that are looked into. */
const MOST = 60;

// Written at the end: stdout is a resource of this program from its first use on.
const lines = [];
const say = (name, fact, value) => lines.push(JSON.stringify([name, fact, value ?? null]));
const done = () => process.stdout.write(`${lines.join('\n')}\n`);

/** What differs from run to run by itself: ports, times, sizes of chunks, numbers of async resources. */
const masked = (text, most = 6000) =>
  String(text)
    .replace(/\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b/g, 'UUID')
    .replace(/\w{3}, \d\d \w{3} \d{4} [\d:]{8} GMT/g, 'DATE')
    .replace(/['"][A-Za-z0-9+/]{22,27}=+['"]/g, 'KEY')
    .replace(/\d+/g, 'N')
    .slice(0, most);

/** From where the event loop came to a callback, a timer or a tick, is the machine's. */
const LOOP = /^\s*'?\s*at (process\.)?(processTicksAndRejections|runNextTicks|processTimers|listOnTimeout)\b/;

/** Timers hang in lists that they share with all others, and a stream that was left holds what had come. */
const shown = value =>
  masked(inspect(value, { depth: 1, showHidden: true, breakLength: 100 }), 1 << 20)
    .split('\n')
    .filter(line => !line.includes('_idle') && !/^\s*buffer: /.test(line) && !LOOP.test(line))
    .slice(0, 250);

/** Lines and columns of the program, its libraries and Node stay. */
const stackOf = error =>
  String(error.stack)
    .replace(/127\.0\.0\.1:\d+/g, '127.0.0.1:PORT')
    .split('\n')
    .filter(line => !LOOP.test(line));

function attempt(make) {
  try {
    return make();
  } catch (error) {
    return `throws ${error?.name}: ${masked(error?.message)}`;
  }
}

const named = value =>
  value === null
    ? 'null'
    : PLAIN.has(typeof value)
      ? typeof value
      : `${typeof value} ${attempt(() => value.constructor?.name)}`;

const keysOf = value => [...Object.getOwnPropertyNames(value), ...Object.getOwnPropertySymbols(value).map(String)];

/** Each own property: its flags, and what kind of thing it holds. */
function properties(value) {
  const descriptors = Object.getOwnPropertyDescriptors(value);
  const names = Reflect.ownKeys(descriptors).filter(key => !String(key).startsWith('_idle'));
  return names.map(key => {
    const { writable, enumerable, configurable, get, set, value: held } = descriptors[key];
    const flags = [writable && 'w', enumerable && 'e', configurable && 'c', get && 'get', set && 'set'];
    return `${masked(String(key))} ${flags.filter(Boolean).join('')} ${get || set ? '' : named(held)}`;
  });
}

/** Who inherits from whom. What a prototype holds is looked at where its module is. */
function chain(value) {
  const found = [];
  for (let holder = Object.getPrototypeOf(value); holder !== null; holder = Object.getPrototypeOf(holder))
    found.push(attempt(() => holder.constructor?.name));
  return found;
}

/** In whatever order: a method that an observer put in front of an inherited one comes earlier. */
function inherited(value) {
  const names = [];
  for (const name in value) names.push(name);
  return names.sort();
}

/** The object, and what it holds, `depth` steps deep. */
function look(name, thing, depth = 2) {
  const seen = new Set();
  const queue = [[name, thing, depth]];
  while (queue.length > 0 && seen.size < MOST) {
    const [at, each, left] = queue.shift();
    if (each === null || PLAIN.has(typeof each) || seen.has(each)) continue;
    seen.add(each);
    if (typeof each === 'function') {
      lookAtFunction(at, each);
      continue;
    }
    say(at, 'kind', [named(each), Object.prototype.toString.call(each), types.isProxy(each), Object.isFrozen(each)]);
    say(at, 'properties', properties(each));
    say(at, 'chain', chain(each));
    say(
      at,
      'for in',
      attempt(() => inherited(each).map(key => masked(key))),
    );
    say(
      at,
      'inspect',
      attempt(() => shown(each)),
    );
    if (left === 2) {
      say(
        at,
        'json',
        attempt(() => masked(JSON.stringify(each))),
      );
      say(
        at,
        'clone',
        attempt(() => named(structuredClone(each))),
      );
    }
    if (typeof each.listenerCount === 'function' && typeof each.eventNames === 'function')
      say(
        at,
        'listeners',
        each.eventNames().map(event => [String(event), each.listenerCount(event)]),
      );
    if (left === 0 || ArrayBuffer.isView(each)) continue;
    for (const key of Reflect.ownKeys(each)) {
      const { value } = Object.getOwnPropertyDescriptor(each, key) ?? {};
      if (value !== undefined) queue.push([`${at}.${masked(String(key))}`, value, left - 1]);
    }
  }
}

function lookAtFunction(name, real) {
  say(name, 'function', [
    real.name,
    real.length,
    types.isProxy(real),
    types.isAsyncFunction(real),
    types.isGeneratorFunction(real),
  ]);
  say(name, 'properties', properties(real));
  say(name, 'source', masked(Function.prototype.toString.call(real), 300));
}

/** The whole chain of an error, frame by frame. */
function failed(name, error, depth = 0) {
  if (typeof error !== 'object' || error === null) return say(name, 'error', masked(error));
  const at = depth === 0 ? name : `${name} ${depth}`;
  say(at, 'error', [error.name, error.constructor?.name, masked(error.message), error.code ?? null]);
  say(at, 'stack', stackOf(error));
  look(at, error, 1);
  if (depth > 5) return;
  if (error.cause !== undefined) failed(name, error.cause, depth + 1);
  for (const each of error.errors ?? []) failed(name, each, depth + 1);
}

/** Functions of Node's own modules, and of the libraries', wherever a program can reach them. */
function lookAtModule(name, exported) {
  say(name, 'module', keysOf(exported));
  for (const [key, value] of Object.entries(Object.getOwnPropertyDescriptors(exported))) {
    const real = value.value;
    if (typeof real !== 'function') continue;
    lookAtFunction(`${name}.${key}`, real);
    if (real.prototype === undefined || real.prototype === null) continue;
    say(`${name}.${key}.prototype`, 'properties', properties(real.prototype));
    for (const [method, { value: own }] of Object.entries(Object.getOwnPropertyDescriptors(real.prototype)))
      if (typeof own === 'function') lookAtFunction(`${name}.${key}.prototype.${method}`, own);
  }
}

/** Kinds of async resources that were made, by whomever. */
const resources = new Set();
createHook({ init: (_, type) => resources.add(type) }).enable();

const CHANNELS = [
  ...['http.client.request.created', 'http.client.request.start', 'http.client.response.finish', 'net.client.socket'],
  ...[
    'undici:request:create',
    'undici:client:sendHeaders',
    'undici:request:headers',
    'worker_threads',
    'module.require.start',
  ],
];

/** What is around: listeners, resources, handles, globals, loaded files. */
function lookAtProcess(name, own) {
  const counts = process.eventNames().map(event => [String(event), process.listenerCount(event)]);
  say(name, 'listeners', counts.sort());
  say(name, 'resources', process.getActiveResourcesInfo());
  say(
    name,
    'handles',
    attempt(() => process._getActiveHandles().map(named)),
  );
  say(
    name,
    'requests',
    attempt(() => process._getActiveRequests().map(named)),
  );
  say(name, 'globals', properties(globalThis));
  say(name, 'process', [...keysOf(process), ...keysOf(Object.getPrototypeOf(process))]);
  say(name, 'arguments', [process.execArgv, process.argv0, process.title]);
  say(
    name,
    'cache',
    Object.keys(require.cache).filter(file => !file.includes('node_modules') && !file.includes(own)),
  );
  say(name, 'async resources', [...resources].sort());
  say(
    name,
    'channels',
    CHANNELS.map(channel => [channel, diagnostics.hasSubscribers(channel)]),
  );
  say(name, 'stack', [Error.stackTraceLimit, typeof Error.prepareStackTrace]);
  say(name, 'emitter', [events.defaultMaxListeners, events.captureRejections, events.usingDomains ?? null]);
}

module.exports = {
  attempt,
  done,
  failed,
  look,
  lookAtFunction,
  lookAtModule,
  lookAtProcess,
  masked,
  named,
  say,
  stackOf,
};
