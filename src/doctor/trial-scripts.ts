/** What a trial runs: prints what it finds as one JSON line, then asks the model one question with each client there is. */

/** Top-level modules of the libraries that most programs use, for people: their calls go through the clients below. */
const PYTHON_LIBRARIES =
  'openai anthropic google.genai langchain_core mistralai cohere groq ollama litellm boto3 crewai llama_index agno'.split(
    ' ',
  );

/** In the order in which they are tried; `http.client` is part of Python. */
export const PYTHON_TRIAL = `
import json, os, sys
from importlib.util import find_spec
def installed(name):
    try:
        return find_spec(name) is not None
    except ImportError:
        return False
old = sys.version_info < (3, 9)
hook = any(type(finder).__module__.startswith("openlit_bootstrap") for finder in sys.meta_path)
clients = ["http.client"] + [name for name in ("httpx", "httpx2", "requests", "aiohttp") if installed(name)]
libraries = [name for name in ${JSON.stringify(PYTHON_LIBRARIES)} if installed(name)]
print(json.dumps({"version": "%d.%d.%d" % sys.version_info[:3], "old": old, "hook": hook, "clients": clients, "libraries": libraries}))
sys.stdout.flush()
port = int(os.environ["OPENLIT_INSTRUMENT_TRIAL_PORT"])
url = "http://127.0.0.1:%d/v1/chat/completions" % port
headers = {"content-type": "application/json"}
def ask(name):
    body = json.dumps({"model": name, "messages": [{"role": "user", "content": "ping"}]}).encode()
    if name == "http.client":
        import http.client
        connection = http.client.HTTPConnection("127.0.0.1", port)
        connection.request("POST", "/v1/chat/completions", body, headers)
        connection.getresponse().read()
    elif name in ("httpx", "httpx2"):
        import importlib
        importlib.import_module(name).post(url, content=body, headers=headers).read()
    elif name == "requests":
        import requests
        requests.post(url, data=body, headers=headers).content
    elif name == "aiohttp":
        import aiohttp, asyncio
        async def run():
            async with aiohttp.ClientSession() as session:
                async with session.post(url, data=body, headers=headers) as response:
                    await response.read()
        asyncio.run(run())
for name in [] if old else clients:
    try:
        ask(name)
    except Exception as error:
        sys.stderr.write("%s: %s: %s\\n" % (name, type(error).__name__, error))
`;

export const NODE_TRIAL = `
const clients = ['node:http', 'fetch'];
console.log(JSON.stringify({ version: process.versions.node, clients }));
const port = process.env.OPENLIT_INSTRUMENT_TRIAL_PORT;
const options = model => ({ method: 'POST', headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ model, messages: [{ role: 'user', content: 'ping' }] }) });
const { body, ...request } = options('node:http');
require('node:http').request({ host: '127.0.0.1', port, path: '/v1/chat/completions', ...request }, response => response.resume()).end(body);
fetch('http://127.0.0.1:' + port + '/v1/chat/completions', options('fetch')).then(response => response.text());
`;
