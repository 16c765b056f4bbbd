// mocked.cjs WHAT: replaces what many tests replace, then makes a call. Says what the mocks have seen.
const childProcess = require('node:child_process');
const fs = require('node:fs');
const http = require('node:http');
const net = require('node:net');

const what = process.argv[2];
const url = `${process.env.PROVIDER_URL}/openai/v1/chat/completions`;
const seen = [];
const { _rawDebug: say } = process;

function replace(object, ...names) {
  for (const name of names) {
    object[name] = () => {
      seen.push(name);
      throw new Error(`${name} is a mock`);
    };
  }
}

if (what === 'functions') {
  replace(fs, 'writeSync', 'readSync', 'statSync', 'existsSync', 'openSync', 'accessSync', 'readFileSync');
  replace(net, 'connect', 'createConnection');
  replace(childProcess, 'spawn', 'spawnSync', 'exec', 'execFile', 'execFileSync', 'fork');
}
if (what === 'sockets') {
  const { connect } = net.Socket.prototype;
  net.Socket.prototype.connect = function (...args) {
    const [first] = Array.isArray(args[0]) ? args[0] : args;
    if (first.port === undefined) seen.push('connect');
    return connect.apply(this, args);
  };
}
if (what === 'files') require('mock-fs')({ '/only': 'this' }, { createCwd: false, createTmp: false });

const body = JSON.stringify({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'hi' }] });
const request = http.request(url, { method: 'POST', headers: { 'content-type': 'application/json' } }, response => {
  response.resume().on('end', () => {
    const files = what === 'files' ? fs.readdirSync('/').join() : '';
    say(`answered, the mocks saw: ${seen.join()} ${files}`);
  });
});
request.end(body);
