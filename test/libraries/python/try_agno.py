"""Agno: an agent with a tool, run, arun, streamed."""
import asyncio
import os

from agno.agent import Agent
from agno.models.openai import OpenAIChat

URL = os.environ["PROVIDER_URL"] + "/v1"


def weather(city: str) -> str:
    """The weather of a city."""
    return f"sunny in {city}"


def agent():
    model = OpenAIChat("gpt-4o-mini", base_url=URL, api_key="k", max_retries=0)
    return Agent(name="helper", model=model, tools=[weather], telemetry=False)


print(agent().run("<<tool: weather>>").content)
print("".join(event.content or "" for event in agent().run("What is the answer?", stream=True)))
print(asyncio.run(agent().arun("What is the answer?")).content)
