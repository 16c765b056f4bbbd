"""any-llm: one interface, plain, streamed, async."""
import asyncio
import os

from any_llm import acompletion, completion

known = {
    "model": "gpt-4o-mini",
    "provider": "openai",
    "api_base": os.environ["PROVIDER_URL"] + "/v1",
    "api_key": "k",
    "messages": [{"role": "user", "content": "What is the answer?"}],
}
print(completion(**known).choices[0].message.content)
print([chunk.choices[0].delta.content for chunk in completion(stream=True, **known)])
print(asyncio.run(acompletion(**known)).choices[0].finish_reason)
