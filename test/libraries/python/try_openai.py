"""OpenAI's client: sync and async, plain and streamed, Responses, embeddings, tools, an error, a stream that breaks off."""
import asyncio
import os

import openai

BASE = os.environ["PROVIDER_URL"] + "/v1"
client = openai.OpenAI(base_url=BASE, api_key="k", max_retries=0)
ask = [{"role": "user", "content": "What is the answer?"}]
tools = [
    {
        "type": "function",
        "function": {
            "name": "weather",
            "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
        },
    }
]

answer = client.chat.completions.create(model="gpt-4o-mini", messages=ask)
print(type(answer).__name__, answer.choices[0].message.content, answer.usage.total_tokens)
answer = client.chat.completions.create(
    model="gpt-4o-mini", tools=tools, messages=[{"role": "user", "content": "<<tool: weather>>"}]
)
print(answer.choices[0].message.tool_calls[0].function.arguments)
stream = client.chat.completions.create(
    model="gpt-4o-mini", messages=ask, stream=True, stream_options={"include_usage": True}
)
print([chunk.choices[0].delta.content if chunk.choices else chunk.usage.total_tokens for chunk in stream])
with client.chat.completions.stream(model="gpt-4o-mini", messages=ask) as events:
    print([event.type for event in events])
raw = client.chat.completions.with_raw_response.create(model="gpt-4o-mini", messages=ask)
print(raw.status_code, raw.http_request.method, raw.parse().choices[0].finish_reason)
print(client.responses.create(model="gpt-4.1-mini", input="What is the answer?").output_text)
for event in client.responses.create(model="gpt-4.1-mini", input="What is the answer?", stream=True):
    print(event.type)
print(len(client.embeddings.create(model="text-embedding-3-small", input=["one", "two"]).data))
try:
    client.chat.completions.create(model="gpt-4o-mini", messages=[{"role": "user", "content": "<<error: 429>>"}])
except openai.RateLimitError as error:
    print(type(error).__name__, error.code, error.status_code)
try:
    for chunk in client.chat.completions.create(
        model="gpt-4o-mini", messages=[{"role": "user", "content": "<<cut>>"}], stream=True
    ):
        pass
except Exception as error:
    print("broken off", type(error).__module__.split(".")[0])


async def main():
    async with openai.AsyncOpenAI(base_url=BASE, api_key="k", max_retries=0) as client:
        answers = await asyncio.gather(
            *(client.chat.completions.create(model=f"gpt-{n}", messages=ask) for n in (1, 2, 3))
        )
        print([answer.model for answer in answers])
        stream = await client.chat.completions.create(model="gpt-4o-mini", messages=ask, stream=True)
        print([chunk.choices[0].delta.content async for chunk in stream])


asyncio.run(main())
