"""requests: plain, streamed, by a session with a hook; the raw answer stays urllib3's."""
import os
import pickle

import requests

URL = os.environ["PROVIDER_URL"] + "/v1/chat/completions"
ask = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "What is the answer?"}]}
response = requests.post(URL, json=ask, timeout=10)
print(response.status_code, response.json()["usage"]["total_tokens"], type(response.raw).__module__)
print(pickle.loads(pickle.dumps(response)).json()["model"])
with requests.Session() as session:
    session.hooks["response"].append(lambda response, **known: print("hook", response.status_code))
    with session.post(URL, json={**ask, "stream": True}, stream=True, timeout=10) as response:
        print(sum(line.startswith(b"data:") for line in response.iter_lines()))
    print(session.get(os.environ["PROVIDER_URL"] + "/plain", timeout=10).json())
failed = requests.post(URL, json={**ask, "messages": [{"role": "user", "content": "<<error: 500>>"}]}, timeout=10)
print(failed.status_code, failed.reason, failed.json()["error"]["code"])
