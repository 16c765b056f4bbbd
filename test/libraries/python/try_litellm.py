"""LiteLLM as a library: OpenAI, Anthropic, Gemini and Bedrock formats, plain, streamed, async, embeddings, an error."""
import asyncio
import os

import litellm

URL = os.environ["PROVIDER_URL"]
ask = [{"role": "user", "content": "What is the answer?"}]
known = {"api_key": "k", "num_retries": 0, "max_retries": 0}
answer = litellm.completion(model="openai/gpt-4o-mini", messages=ask, api_base=URL + "/v1", **known)
print(answer.choices[0].message.content, answer.usage.total_tokens)
answer = litellm.completion(model="anthropic/claude-haiku-4-5", messages=ask, api_base=URL, **known)
print(answer.choices[0].message.content, answer.usage.total_tokens)
stream = litellm.completion(model="openai/gpt-4o-mini", messages=ask, api_base=URL + "/v1", stream=True, **known)
print([chunk.choices[0].delta.content for chunk in stream])
print(len(litellm.embedding(model="openai/text-embedding-3-small", input=["one"], api_base=URL + "/v1", **known).data))
try:
    litellm.completion(
        model="openai/gpt-4o-mini",
        messages=[{"role": "user", "content": "<<error: 429>>"}],
        api_base=URL + "/v1",
        **known,
    )
except litellm.RateLimitError as error:
    print(type(error).__name__, error.status_code)


async def main():
    answer = await litellm.acompletion(model="openai/gpt-4o-mini", messages=ask, api_base=URL + "/v1", **known)
    print(answer.choices[0].finish_reason)
    answer = await litellm.acompletion(model="anthropic/claude-haiku-4-5", messages=ask, api_base=URL, **known)
    print(answer.choices[0].finish_reason)
    stream = await litellm.acompletion(
        model="openai/gpt-4o-mini", messages=ask, api_base=URL + "/v1", stream=True, **known
    )
    print([chunk.choices[0].delta.content async for chunk in stream])


asyncio.run(main())
