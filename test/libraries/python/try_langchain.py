"""LangChain's agent: a tool, invoke and streamed."""
import os

from langchain.agents import create_agent
from langchain_openai import ChatOpenAI

model = ChatOpenAI(
    model="gpt-4o-mini", base_url=os.environ["PROVIDER_URL"] + "/v1", api_key="k", max_retries=0
)


def weather(city: str) -> str:
    """The weather of a city."""
    return f"sunny in {city}"


agent = create_agent(model, [weather], system_prompt="You help.", name="helper")
ask = {"messages": [{"role": "user", "content": "<<tool: weather>>"}]}
print([(message.type, message.content) for message in agent.invoke(ask)["messages"]])
print([list(step) for step in agent.stream(ask)])
