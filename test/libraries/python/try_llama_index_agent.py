"""LlamaIndex: an agent workflow with a tool."""
import asyncio
import os

from llama_index.core.agent.workflow import FunctionAgent
from llama_index.llms.openai import OpenAI

model = OpenAI(model="gpt-4o-mini", api_base=os.environ["PROVIDER_URL"] + "/v1", api_key="k", max_retries=0)


def weather(city: str) -> str:
    """The weather of a city."""
    return f"sunny in {city}"


async def main():
    agent = FunctionAgent(tools=[weather], llm=model, system_prompt="You help.", streaming=False)
    print(await agent.run("<<tool: weather>>"))


asyncio.run(main())
