"""Microsoft's Agent Framework: an agent with a tool, run and streamed."""
import asyncio
import os

from agent_framework import Agent
from agent_framework.openai import OpenAIChatCompletionClient
from openai import AsyncOpenAI


def weather(city: str) -> str:
    """The weather of a city."""
    return f"sunny in {city}"


async def main():
    inner = AsyncOpenAI(base_url=os.environ["PROVIDER_URL"] + "/v1", api_key="k", max_retries=0)
    client = OpenAIChatCompletionClient(model="gpt-4o-mini", async_client=inner)
    agent = Agent(client, name="helper", instructions="You help.", tools=[weather])
    print((await agent.run("<<tool: weather>>")).text)
    print("".join([update.text async for update in agent.run("What is the answer?", stream=True)]))


asyncio.run(main())
