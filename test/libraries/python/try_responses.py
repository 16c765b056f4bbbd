"""responses: mocked calls of requests never reach a wire; others pass through."""
import os

import requests
import responses

URL = os.environ["PROVIDER_URL"] + "/v1/chat/completions"
ask = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "What is the answer?"}]}
with responses.RequestsMock() as mock:
    mock.post("https://api.openai.com/v1/chat/completions", json={"mocked": True})
    mock.add_passthru(os.environ["PROVIDER_URL"])
    print(requests.post("https://api.openai.com/v1/chat/completions", json=ask, timeout=10).json())
    print(sorted(mock.calls[0].request.headers))
    print(requests.post(URL, json=ask, timeout=10).json()["model"])
