"""One way to run something of LangChain or LangGraph, named by the first argument."""
import asyncio
import pickle
import sys

import httpx
from langchain.agents import create_agent
from langchain_core.callbacks import CallbackManager
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import RunnableLambda
from langchain_core.runnables.config import get_callback_manager_for_config
from langchain_core.tools import tool
from langchain_core.tracers import context as tracers
from langchain_openai import ChatOpenAI
from langgraph.graph import END, START, MessagesState, StateGraph
from local_model import serve

BASE = serve()
HELLO = {"messages": [("user", "SECRETPROMPT")]}
model = ChatOpenAI(model="gpt-4o-mini", api_key="k", base_url=BASE)
chain = ChatPromptTemplate.from_messages([("user", "{x}")]) | model | StrOutputParser()


@tool
def weather(city: str) -> str:
    """Tells the weather."""
    return "SECRETSUN"


@tool
def broken(city: str) -> str:
    """Fails."""
    raise ValueError("SECRETFAULT")


def raw_call(state):
    body = {"model": "mistral-large-latest", "messages": [{"role": "user", "content": "hi"}]}
    httpx.post(BASE + "/chat/completions", json=body)
    return {}


def graph(**nodes):
    built, before = StateGraph(MessagesState), START
    for name, node in nodes.items():
        built.add_node(name, node)
        built.add_edge(before, name)
        before = name
    built.add_edge(before, END)
    return built.compile()


def sequence():
    print(chain.invoke({"x": "hi"}))


def agent():
    print(create_agent(model, [weather], name="helper").invoke(HELLO)["messages"][-1].content)


def streamed_agent():
    async def main():
        async for _ in create_agent(model, [weather], name="helper").astream(HELLO, stream_mode="messages"):
            pass

    asyncio.run(main())


def one_after_the_other():
    async def main():
        for _ in range(3):
            await model.ainvoke("hi")
        async for _ in model.astream("hi"):
            pass
        await chain.ainvoke({"x": "hi"})
        # After a chain, outside of it.
        await model.ainvoke("hi")

    asyncio.run(main())


def together():
    async def main():
        await asyncio.gather(*(chain.ainvoke({"x": str(each)}) for each in range(3)))

    asyncio.run(main())
    chain.batch([{"x": "a"}, {"x": "b"}])


def node_with_own_client():
    graph(caller=raw_call).invoke(HELLO)
    raw_call(None)


def agent_in_a_graph():
    graph(team=create_agent(model, [weather], name="inner"), last=lambda state: {"messages": [model.invoke("x")]}).invoke(HELLO)


def left_early():
    for _ in graph(one=raw_call, two=raw_call).stream(HELLO):
        break
    for _ in chain.stream({"x": "hi"}):
        break


def failing():
    try:
        RunnableLambda(lambda x: broken.invoke({"city": "Rome"})).invoke("x")
    except ValueError as error:
        print(error)


def retrieval():
    class Shelf(BaseRetriever):
        def _get_relevant_documents(self, query, *, run_manager):
            return []

    (Shelf() | (lambda documents: "hi") | model).invoke("SECRETQUERY")


def nothing_to_see():
    seen = []

    def look(x, config):
        seen.append([type(handler).__name__ for handler in config["callbacks"].handlers])
        pickle.dumps(config["callbacks"].handlers)
        return x

    RunnableLambda(look).invoke(1)
    manager = get_callback_manager_for_config({})
    print(seen, manager.handlers, len(tracers._configure_hooks))
    print(CallbackManager.on_chain_start.__qualname__, CallbackManager.on_chain_start.__module__)
    function = lambda: None  # noqa: E731
    # Asks every loaded module for the name.
    function.__module__, function.__qualname__ = None, "nowhere"
    try:
        pickle.dumps(function)
    except (pickle.PicklingError, AttributeError) as error:
        print(type(error).__name__)
    print(sorted(name for name in sys.modules if "openlit" in name), ChatPromptTemplate.from_template("{x}").invoke({"x": 1}))


globals()[sys.argv[1]]()
