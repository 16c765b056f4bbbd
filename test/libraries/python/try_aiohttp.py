"""aiohttp as a client: plain, streamed by lines and chunks, an error."""
import asyncio
import os

import aiohttp

URL = os.environ["PROVIDER_URL"] + "/v1/chat/completions"
ask = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "What is the answer?"}]}


async def main():
    async with aiohttp.ClientSession() as session:
        async with session.post(URL, json=ask) as response:
            print(type(response).__name__, response.status, (await response.json())["usage"]["total_tokens"])
        async with session.post(URL, json={**ask, "stream": True}) as response:
            print(sum([line.startswith(b"data:") async for line in response.content]))
        async with session.post(URL, json={**ask, "stream": True}) as response:
            print(sum([chunk.count(b"data:") async for chunk in response.content.iter_any()]))
        async with session.get(os.environ["PROVIDER_URL"] + "/plain") as response:
            print(await response.json())
        body = {**ask, "messages": [{"role": "user", "content": "<<error: 429>>"}]}
        try:
            async with session.post(URL, json=body, raise_for_status=True):
                pass
        except aiohttp.ClientResponseError as error:
            print(type(error).__name__, error.status)


asyncio.run(main())
