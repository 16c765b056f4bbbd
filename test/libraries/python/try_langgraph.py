"""LangGraph: an agent with a tool, invoke, stream, ainvoke, astream."""
import asyncio
import os

from langchain_core.tools import tool
from langchain_openai import ChatOpenAI
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode, tools_condition

model = ChatOpenAI(
    model="gpt-4o-mini", base_url=os.environ["PROVIDER_URL"] + "/v1", api_key="k", max_retries=0
)


@tool
def weather(city: str) -> str:
    """The weather of a city."""
    return f"sunny in {city}"


bound = model.bind_tools([weather])
graph = StateGraph(MessagesState)
graph.add_node("model", lambda state: {"messages": [bound.invoke(state["messages"])]})
graph.add_node("tools", ToolNode([weather]))
graph.add_edge(START, "model")
graph.add_conditional_edges("model", tools_condition)
graph.add_edge("tools", "model")
app = graph.compile(name="weather agent")
ask = {"messages": [("user", "<<tool: weather>>")]}


def shown(messages):
    return [(type(message).__name__, message.content) for message in messages]


print(shown(app.invoke(ask)["messages"]))
print([list(step) for step in app.stream(ask)])


async def main():
    print(shown((await app.ainvoke(ask))["messages"]))
    print([list(step) async for step in app.astream(ask)])


asyncio.run(main())
