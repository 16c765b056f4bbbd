// Everything that a program can look at to find out that somebody is with it, before and after one call.
const http = require('node:http');
const http2 = require('node:http2');
const net = require('node:net');
const { inspect } = require('node:util');
const { Worker } = require('node:worker_threads');

const methods = (prototype, names) =>
  names.map(name =>
    [name, prototype[name]?.name, prototype[name]?.length, Object.keys(prototype).includes(name)].join(),
  );
const allKeys = object => {
  const names = [];
  for (const name in object) names.push(name);
  return names.sort().join();
};

function look(when) {
  const socket = new net.Socket();
  const line = {
    listeners: ['exit', 'beforeExit', 'uncaughtException', 'unhandledRejection', 'warning', 'worker'].map(name =>
      process.listenerCount(name),
    ),
    globals: [Object.keys(globalThis).sort().join(), allKeys(globalThis)],
    process: [Object.keys(process).length, Object.hasOwn(process, 'emit'), process.emit.name, process.emit.length],
    arguments: [process.execArgv, process.argv.length],
    cache: Object.keys(require.cache).filter(file => !file.includes('node-clients')).length,
    stack: [Error.stackTraceLimit, Error.prepareStackTrace],
    socket: methods(net.Socket.prototype, ['push', '_writeGeneric', '_destroy', 'connect', '_write', 'end']),
    'socket shown': inspect(socket, { showHidden: true, depth: 0 }).replaceAll(/\d/g, ''),
    'socket keys': allKeys(socket),
    emitter: [Object.hasOwn(require('node:events').prototype, 'emit'), socket.emit.length],
    http: [http.request.name, http.request.length, Object.keys(http2).length],
    fetch: [fetch.name, fetch.length, String(fetch)],
    worker: [Worker.name, Worker.length, Worker.prototype.constructor === Worker, Object.getOwnPropertyNames(Worker)],
    handles: process.getActiveResourcesInfo().filter(name => !/TTY|Pipe|Immediate/.test(name)),
    columns: new Error('shown').stack.split('\n').length,
  };
  for (const [name, value] of Object.entries(line)) console.log(when, name, inspect(value));
}

look('before');
const body = JSON.stringify({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'hi' }] });
fetch(`${process.env.PROVIDER_URL}/openai/v1/chat/completions`, {
  method: 'POST',
  headers: { 'content-type': 'application/json', connection: 'close' },
  body,
})
  .then(response => response.text())
  .then(text => {
    console.log(text.length);
    setTimeout(() => look('after'), 300);
  });
