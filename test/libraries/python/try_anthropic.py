"""Anthropic's client: sync and async, plain and streamed, tools, an error."""
import asyncio
import os

import anthropic

client = anthropic.Anthropic(base_url=os.environ["PROVIDER_URL"], api_key="k", max_retries=0)
ask = [{"role": "user", "content": "What is the answer?"}]
model = "claude-haiku-4-5"
answer = client.messages.create(model=model, max_tokens=64, messages=ask)
print(type(answer).__name__, answer.content[0].text, answer.usage.input_tokens, answer.stop_reason)
tool = {
    "name": "weather",
    "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}
answer = client.messages.create(
    model=model, max_tokens=64, tools=[tool], messages=[{"role": "user", "content": "<<tool: weather>>"}]
)
print(answer.content[0].input, answer.stop_reason)
for event in client.messages.create(model=model, max_tokens=64, messages=ask, stream=True):
    print(event.type)
with client.messages.stream(model=model, max_tokens=64, messages=ask) as stream:
    print("".join(stream.text_stream), stream.get_final_message().usage.output_tokens)
print(client.messages.count_tokens(model=model, messages=ask).input_tokens)
try:
    client.messages.create(model=model, max_tokens=64, messages=[{"role": "user", "content": "<<error: 529>>"}])
except anthropic.APIStatusError as error:
    print(type(error).__name__, error.status_code, error.body["error"]["type"])


async def main():
    async with anthropic.AsyncAnthropic(base_url=os.environ["PROVIDER_URL"], api_key="k") as client:
        async with client.messages.stream(model=model, max_tokens=64, messages=ask) as stream:
            print([text async for text in stream.text_stream])


asyncio.run(main())
