"""Hugging Face's InferenceClient: chat plain, streamed and async."""
import asyncio
import os

from huggingface_hub import AsyncInferenceClient, InferenceClient

client = InferenceClient(base_url=os.environ["PROVIDER_URL"], api_key="k")
ask = [{"role": "user", "content": "What is the answer?"}]
answer = client.chat_completion(ask, model="tgi-model", max_tokens=20)
print(answer.choices[0].message.content, answer.usage.total_tokens)
for chunk in client.chat_completion(ask, model="tgi-model", stream=True):
    print(chunk.choices[0].delta.content)


async def main():
    async with AsyncInferenceClient(base_url=os.environ["PROVIDER_URL"], api_key="k") as client:
        print((await client.chat_completion(ask, model="tgi-model")).choices[0].finish_reason)


asyncio.run(main())
