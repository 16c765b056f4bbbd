"""magentic: a prompt function, text and typed, sync and async."""
import asyncio
import os

from magentic import OpenaiChatModel, prompt
from pydantic import BaseModel

model = OpenaiChatModel("gpt-4o-mini", base_url=os.environ["PROVIDER_URL"] + "/v1", api_key="k")


class Place(BaseModel):
    city: str


@prompt("What is {thing}?", model=model)
def ask(thing: str) -> str: ...


@prompt("Which {thing}?", model=model)
def place(thing: str) -> Place: ...


@prompt("What is {thing}?", model=model)
async def ask_later(thing: str) -> str: ...


print(ask("the answer"))
print(place("place"))
print(asyncio.run(ask_later("the answer")))
