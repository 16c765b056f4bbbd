"""OpenAI's Agents SDK: a tool, a handoff, a streamed run; the chat API and the Responses API."""
import asyncio
import os

from agents import (
    Agent,
    OpenAIChatCompletionsModel,
    OpenAIResponsesModel,
    Runner,
    function_tool,
    set_tracing_disabled,
)
from openai import AsyncOpenAI

set_tracing_disabled(True)
client = AsyncOpenAI(base_url=os.environ["PROVIDER_URL"] + "/v1", api_key="k", max_retries=0)
chat = OpenAIChatCompletionsModel("gpt-4o-mini", client)
responses = OpenAIResponsesModel("gpt-4.1-mini", client)


@function_tool
def weather(city: str) -> str:
    """The weather of a city."""
    return f"sunny in {city}"


async def main():
    helper = Agent(name="helper", instructions="You help.", model=responses, tools=[weather])
    result = await Runner.run(helper, "<<tool: weather>>")
    print(result.final_output, [type(item).__name__ for item in result.new_items])
    first = Agent(name="first", instructions="You hand over.", model=chat, handoffs=[helper])
    result = await Runner.run(first, "<<tool: transfer_to_helper>>")
    print(result.final_output, result.last_agent.name)
    streamed = Runner.run_streamed(helper, "What is the answer?")
    print([event.type async for event in streamed.stream_events()])


asyncio.run(main())
