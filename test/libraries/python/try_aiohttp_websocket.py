"""aiohttp's WebSocket client on the Realtime API."""
import asyncio
import json
import os

import aiohttp

URL = os.environ["PROVIDER_URL"].replace("http", "ws") + "/v1/realtime?model=gpt-realtime"
item = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "What is the answer?"}]}


async def main():
    async with aiohttp.ClientSession() as session:
        async with session.ws_connect(URL) as socket:
            await socket.send_json({"type": "conversation.item.create", "item": item})
            await socket.send_json({"type": "response.create"})
            async for message in socket:
                event = json.loads(message.data)
                print(event["type"])
                if event["type"] == "response.done":
                    break


asyncio.run(main())
