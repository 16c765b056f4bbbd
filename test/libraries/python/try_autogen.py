"""AutoGen: an assistant with a tool, and a team."""
import asyncio
import os

from autogen_agentchat.agents import AssistantAgent
from autogen_agentchat.conditions import MaxMessageTermination
from autogen_agentchat.teams import RoundRobinGroupChat
from autogen_ext.models.openai import OpenAIChatCompletionClient


async def weather(city: str) -> str:
    """The weather of a city."""
    return f"sunny in {city}"


async def main():
    model = OpenAIChatCompletionClient(
        model="gpt-4o-mini", base_url=os.environ["PROVIDER_URL"] + "/v1", api_key="k", max_retries=0
    )
    helper = AssistantAgent("helper", model, tools=[weather], reflect_on_tool_use=True)
    result = await helper.run(task="<<tool: weather>>")
    print([type(message).__name__ for message in result.messages], result.messages[-1].content)
    team = RoundRobinGroupChat(
        [AssistantAgent("one", model), AssistantAgent("two", model)], termination_condition=MaxMessageTermination(3)
    )
    result = await team.run(task="What is the answer?")
    print([message.source for message in result.messages])
    await model.close()


asyncio.run(main())
