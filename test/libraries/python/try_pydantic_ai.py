"""Pydantic AI: run, run_sync, run_stream, a tool, a typed output; OpenAI, Anthropic, Gemini."""
import asyncio
import os

from anthropic import AsyncAnthropic
from pydantic import BaseModel
from pydantic_ai import Agent
from pydantic_ai.models.anthropic import AnthropicModel
from pydantic_ai.models.google import GoogleModel
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.anthropic import AnthropicProvider
from pydantic_ai.providers.google import GoogleProvider
from pydantic_ai.providers.openai import OpenAIProvider

URL = os.environ["PROVIDER_URL"]
openai = OpenAIChatModel("gpt-4o-mini", provider=OpenAIProvider(base_url=URL + "/v1", api_key="k"))
anthropic = AnthropicModel(
    "claude-haiku-4-5",
    provider=AnthropicProvider(anthropic_client=AsyncAnthropic(base_url=URL, api_key="k", max_retries=0)),
)
google = GoogleModel("gemini-2.5-flash", provider=GoogleProvider(api_key="k", base_url=URL))


class Place(BaseModel):
    city: str


helper = Agent(openai, name="helper", instructions="You help.")


@helper.tool_plain
def weather(city: str) -> str:
    """The weather of a city."""
    return f"sunny in {city}"


print(helper.run_sync("<<tool: weather>>").output)
print(Agent(openai, name="typed", output_type=Place).run_sync("Which place?").output)
print(Agent(anthropic, name="claude").run_sync("What is the answer?").output)


async def main():
    print((await Agent(google, name="gemini").run("What is the answer?")).output)
    async with helper.run_stream("What is the answer?") as result:
        print([text async for text in result.stream_text(delta=True, debounce_by=None)])


asyncio.run(main())
