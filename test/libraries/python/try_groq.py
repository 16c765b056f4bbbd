"""Groq's client: plain, streamed, async, an error."""
import asyncio
import os

import groq

client = groq.Groq(api_key="k", base_url=os.environ["PROVIDER_URL"], max_retries=0)
ask = [{"role": "user", "content": "What is the answer?"}]
answer = client.chat.completions.create(model="llama-3.3-70b-versatile", messages=ask)
print(answer.choices[0].message.content, answer.usage.total_tokens)
for chunk in client.chat.completions.create(model="llama-3.3-70b-versatile", messages=ask, stream=True):
    print(chunk.choices[0].delta.content, chunk.choices[0].finish_reason)
try:
    client.chat.completions.create(
        model="llama-3.3-70b-versatile", messages=[{"role": "user", "content": "<<error: 429>>"}]
    )
except groq.RateLimitError as error:
    print(error.status_code)


async def main():
    client = groq.AsyncGroq(api_key="k", base_url=os.environ["PROVIDER_URL"])
    answer = await client.chat.completions.create(model="llama-3.3-70b-versatile", messages=ask)
    print(answer.choices[0].finish_reason)


asyncio.run(main())
