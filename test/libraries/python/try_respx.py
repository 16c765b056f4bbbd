"""respx: mocked calls never reach a wire, and the mock is asked exactly as without us."""
import os

import httpx
import respx

URL = os.environ["PROVIDER_URL"] + "/v1/chat/completions"
ask = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "What is the answer?"}]}
with respx.mock(assert_all_mocked=True) as mock:
    route = mock.post("https://api.openai.com/v1/chat/completions").respond(json={"mocked": True})
    print(httpx.post("https://api.openai.com/v1/chat/completions", json=ask).json(), route.call_count)
    print(sorted(route.calls.last.request.headers))
print(httpx.post(URL, json=ask).json()["model"])
