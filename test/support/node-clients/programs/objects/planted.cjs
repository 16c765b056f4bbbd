// What a bad observer does to Node; the looks must find each of it.
const http = require('node:http');
const net = require('node:net');

const { fetch } = globalThis;
globalThis.fetch = async (...given) => {
  const answer = await fetch(...given);
  return new Proxy(answer, {
    get: (target, name) => (typeof target[name] === 'function' ? target[name].bind(target) : target[name]),
  });
};
globalThis.planted = true;

const { push } = net.Socket.prototype;
net.Socket.prototype.push = function (...given) {
  return push.apply(this, given);
};
const { request } = http;
http.request = (...given) => {
  const made = request(...given);
  made.planted = true;
  made.on('response', () => {});
  return made;
};
process.on('exit', () => {});
process.emitWarning('planted');
// Over before the program is.
setTimeout(() => {}, 1_000);
