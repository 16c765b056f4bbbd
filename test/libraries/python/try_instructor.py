"""instructor: a model of pydantic out of a chat, sync and async, with OpenAI's and Anthropic's clients."""
import asyncio
import os

import anthropic
import instructor
import openai
from pydantic import BaseModel


class Place(BaseModel):
    city: str
    people: int


URL = os.environ["PROVIDER_URL"]
ask = [{"role": "user", "content": "Which place?"}]
client = instructor.from_openai(openai.OpenAI(base_url=URL + "/v1", api_key="k"))
print(client.chat.completions.create(model="gpt-4o-mini", response_model=Place, messages=ask))
client = instructor.from_anthropic(anthropic.Anthropic(base_url=URL, api_key="k"))
print(client.messages.create(model="claude-haiku-4-5", max_tokens=64, response_model=Place, messages=ask))
client = instructor.from_openai(openai.AsyncOpenAI(base_url=URL + "/v1", api_key="k"))
print(asyncio.run(client.chat.completions.create(model="gpt-4o-mini", response_model=Place, messages=ask)))
