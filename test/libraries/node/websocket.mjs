// Node's own WebSocket on the Realtime API.
const socket = new WebSocket(`${process.env.PROVIDER_URL.replace('http', 'ws')}/v1/realtime?model=gpt-realtime`);
const item = { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'What is the answer?' }] };
socket.addEventListener('open', () => {
  socket.send(JSON.stringify({ type: 'conversation.item.create', item }));
  socket.send(JSON.stringify({ type: 'response.create' }));
});
socket.addEventListener('message', ({ data }) => {
  const { type } = JSON.parse(data);
  console.log(type);
  if (type === 'response.done') socket.close();
});
