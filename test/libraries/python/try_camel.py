"""CAMEL: a chat agent with a tool."""
import os

from camel.agents import ChatAgent
from camel.models import ModelFactory
from camel.toolkits import FunctionTool
from camel.types import ModelPlatformType



class Words:
    """tiktoken's tables would have to be downloaded."""

    def count_tokens_from_messages(self, messages):
        return len(str(messages).split())

    def encode(self, text):
        return text.split()

    def decode(self, parts):
        return " ".join(parts)


model = ModelFactory.create(
    token_counter=Words(),
    model_platform=ModelPlatformType.OPENAI_COMPATIBLE_MODEL,
    model_type="gpt-4o-mini",
    url=os.environ["PROVIDER_URL"] + "/v1",
    api_key="k",
)


def weather(city: str) -> str:
    """The weather of a city.

    Args:
        city (str): Its name.
    """
    return f"sunny in {city}"


agent = ChatAgent("You help.", model=model, tools=[FunctionTool(weather)])
print(agent.step("<<tool: weather>>").msgs[0].content)
