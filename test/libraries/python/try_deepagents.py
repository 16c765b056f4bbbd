"""Deep Agents: a planning agent on LangGraph."""
import os

from deepagents import create_deep_agent
from langchain_openai import ChatOpenAI

model = ChatOpenAI(
    model="gpt-4o-mini", base_url=os.environ["PROVIDER_URL"] + "/v1", api_key="k", max_retries=0
)


def weather(city: str) -> str:
    """The weather of a city."""
    return f"sunny in {city}"


agent = create_deep_agent(model=model, tools=[weather], system_prompt="You help.")
result = agent.invoke({"messages": [{"role": "user", "content": "<<tool: weather>>"}]})
print([(message.type, message.text) for message in result["messages"]])
