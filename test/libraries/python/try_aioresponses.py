"""aioresponses: mocked calls of aiohttp never reach a wire."""
import asyncio
import os

import aiohttp
from aioresponses import aioresponses

URL = os.environ["PROVIDER_URL"] + "/v1/chat/completions"
ask = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "What is the answer?"}]}


async def main():
    async with aiohttp.ClientSession() as session:
        with aioresponses(passthrough=[os.environ["PROVIDER_URL"]]) as mock:
            mock.post("https://api.openai.com/v1/chat/completions", payload={"mocked": True})
            async with session.post("https://api.openai.com/v1/chat/completions", json=ask) as response:
                print(await response.json())
            async with session.post(URL, json=ask) as response:
                print((await response.json())["model"])


asyncio.run(main())
