"""Calls with the real `anthropic` client; the same answers as test/support/node-clients/programs/anthropic.mjs."""

import asyncio
import warnings

import anthropic

warnings.simplefilter("ignore")
MESSAGES = [{"role": "user", "content": "hi"}]
ASKED = {"model": "claude-sonnet-4-5", "max_tokens": 64, "messages": MESSAGES}
TOOL = {"name": "weather", "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}}}


def main():
    client = anthropic.Anthropic(max_retries=0)
    print("messages", client.messages.create(**ASKED).content[0].text)
    with client.messages.stream(**ASKED) as stream:
        print("helper", "".join(stream.text_stream))
    events = list(client.messages.create(stream=True, **ASKED))
    print("stream", len(events) > 3)
    print("tools", client.messages.create(tools=[TOOL], **ASKED).content[-1].input["city"])
    try:
        client.messages.create(**dict(ASKED, model="claude-overloaded"))
    except Exception as error:
        print("error", error.status_code)
    for _ in client.messages.create(stream=True, **ASKED):
        break
    asyncio.run(later())


async def later():
    client = anthropic.AsyncAnthropic(max_retries=0)
    print("async", (await client.messages.create(**ASKED)).content[0].text)
    async with client.messages.stream(**ASKED) as stream:
        print("async helper", "".join([text async for text in stream.text_stream]))


main()
