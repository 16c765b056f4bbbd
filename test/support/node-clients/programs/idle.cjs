// HTTP as a program without models speaks it, then what was loaded and is open.
const http = require('node:http');

const server = http.createServer((request, response) => request.resume().on('end', () => response.end('{}')));
server.listen(0, '127.0.0.1', async () => {
  const url = `http://127.0.0.1:${server.address().port}`;
  await (await fetch(`${url}/v1/messages/send`, { method: 'POST', body: '{"message":"hi"}' })).text();
  await (await fetch(`${url}/orders?model=gpt-4o`)).text();
  server.close().closeAllConnections();
  console.log(process.getActiveResourcesInfo().filter(name => !/TTY|Pipe/.test(name)));
  console.log(['exit', 'beforeExit', 'SIGTERM', 'SIGINT'].map(name => process.listenerCount(name)));
});
