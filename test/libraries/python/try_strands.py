"""Strands: an agent with a tool on OpenAI's API."""
import os

from strands import Agent, tool
from strands.models.openai import OpenAIModel


@tool
def weather(city: str) -> str:
    """The weather of a city."""
    return f"sunny in {city}"


model = OpenAIModel(
    client_args={"base_url": os.environ["PROVIDER_URL"] + "/v1", "api_key": "k", "max_retries": 0},
    model_id="gpt-4o-mini",
)
agent = Agent(model=model, tools=[weather], callback_handler=None)
print(str(agent("<<tool: weather>>")).strip())
print([message["role"] for message in agent.messages])
