// A program that fakes its clock and its timers, replaces fs and process.stderr, and then makes a call.
const http = require('node:http');

const { setTimeout: realTimeout } = globalThis;
Date.now = () => 0;
performance.now = () => 0;
globalThis.setTimeout = globalThis.setInterval = globalThis.setImmediate = () => ({ unref() {}, ref() {} });
process.stderr.write = () => true;

const body = JSON.stringify({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'hi' }] });
const headers = { 'content-type': 'application/json' };
const url = `${process.env.PROVIDER_URL}/openai/v1/chat/completions`;
http.request(url, { method: 'POST', headers }, response => response.resume()).end(body);
realTimeout(() => console.log('done'), 400);
