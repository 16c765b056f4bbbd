"""websockets, sync and asyncio, on the Realtime API."""
import asyncio
import json
import os

import websockets
import websockets.sync.client

URL = os.environ["PROVIDER_URL"].replace("http", "ws") + "/v1/realtime?model=gpt-realtime"
item = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "What is the answer?"}]}
SENT = [{"type": "conversation.item.create", "item": item}, {"type": "response.create"}]

with websockets.sync.client.connect(URL) as socket:
    for message in SENT:
        socket.send(json.dumps(message))
    for message in socket:
        event = json.loads(message)
        print(event["type"])
        if event["type"] == "response.done":
            break


async def main():
    async with websockets.connect(URL) as socket:
        for message in SENT:
            await socket.send(json.dumps(message))
        async for message in socket:
            event = json.loads(message)
            print(event["type"])
            if event["type"] == "response.done":
                break


asyncio.run(main())
