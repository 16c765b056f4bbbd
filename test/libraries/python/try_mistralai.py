"""Mistral's client: plain, streamed, async, embeddings, an error."""
import asyncio
import os

from mistralai.client import Mistral
from mistralai.client import errors

client = Mistral(api_key="k", server_url=os.environ["PROVIDER_URL"])
ask = [{"role": "user", "content": "What is the answer?"}]
answer = client.chat.complete(model="mistral-small-latest", messages=ask)
print(answer.choices[0].message.content, answer.usage.total_tokens)
with client.chat.stream(model="mistral-small-latest", messages=ask) as stream:
    print([event.data.choices[0].delta.content for event in stream])
print(len(client.embeddings.create(model="mistral-embed", inputs=["one"]).data))
try:
    client.chat.complete(model="mistral-small-latest", messages=[{"role": "user", "content": "<<error: 401>>"}])
except errors.SDKError as error:
    print(type(error).__name__, error.status_code)


async def main():
    print((await client.chat.complete_async(model="mistral-small-latest", messages=ask)).choices[0].finish_reason)


asyncio.run(main())
