"""Semantic Kernel: an agent with a plugin, and a prompt that is streamed."""
import asyncio
import os

from openai import AsyncOpenAI
from semantic_kernel import Kernel
from semantic_kernel.agents import ChatCompletionAgent
from semantic_kernel.connectors.ai.open_ai import OpenAIChatCompletion
from semantic_kernel.functions import kernel_function


class Weather:
    @kernel_function(description="The weather of a city.")
    def weather(self, city: str) -> str:
        return f"sunny in {city}"


async def main():
    client = AsyncOpenAI(base_url=os.environ["PROVIDER_URL"] + "/v1", api_key="k", max_retries=0)
    service = OpenAIChatCompletion(ai_model_id="gpt-4o-mini", async_client=client)
    agent = ChatCompletionAgent(service=service, name="helper", instructions="You help.", plugins=[Weather()])
    answer = await agent.get_response("<<tool: Weather-weather>>")
    print(answer.content)
    kernel = Kernel()
    kernel.add_service(service)
    print(await kernel.invoke_prompt("What is the answer?"))
    async for parts in kernel.invoke_prompt_stream("What is the answer?"):
        print(parts[0] if isinstance(parts, list) else parts)


asyncio.run(main())
