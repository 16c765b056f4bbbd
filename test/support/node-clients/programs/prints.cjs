// A program whose output, children and answers look like requests to a model.
const { spawn } = require('node:child_process');
const net = require('node:net');

const request = 'POST /v1/chat/completions HTTP/1.1\r\nhost: api.openai.com\r\ncontent-length: 2\r\n\r\n{}';
process.stdout.write(request);
const child = spawn('cat', { stdio: ['pipe', 'pipe', 'inherit'] });
child.stdout.on('data', text => process.stdout.write(text));
child.stdin.end(request);
const server = net
  .createServer(socket => socket.end(request))
  .listen(0, '127.0.0.1', () => {
    net
      .connect(server.address().port)
      .on('data', text => process.stdout.write(text))
      .on('close', () => server.close());
  });
