"""httpx2, which newer SDKs use: sync, async, streamed."""
import asyncio
import os

import httpx2

URL = os.environ["PROVIDER_URL"] + "/v1/chat/completions"
ask = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "What is the answer?"}]}
response = httpx2.post(URL, json=ask)
print(type(response).__name__, response.status_code, response.json()["usage"]["total_tokens"])
with httpx2.Client() as client:
    with client.stream("POST", URL, json={**ask, "stream": True}) as response:
        print(sum(line.startswith("data:") for line in response.iter_lines()))


async def main():
    async with httpx2.AsyncClient() as client:
        print((await client.post(URL, json=ask)).json()["model"])
        async with client.stream("POST", URL, json={**ask, "stream": True}) as response:
            print(len([chunk async for chunk in response.aiter_text()]) > 0)


asyncio.run(main())
