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
  replace(childProcess, 'spawn', 'spawnSync', 'exec', 'execFile', 'execFileSync', 'fork');
}
if (what === 'sockets') {
  // The program's own connections go on.
  for (const [object, name] of [
    [net, 'connect'],
    [net, 'createConnection'],
    [net.Socket.prototype, 'connect'],
    [net.Socket.prototype, 'write'],
  ]) {
    const original = object[name];
    object[name] = function (...args) {
      if (name !== 'write' && [args[0]].flat()[0].port === undefined) seen.push(name);
      if (name === 'write' && this.remotePort === undefined && !this._httpMessage) seen.push(name);
      return original.apply(this, args);
    };
  }
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
