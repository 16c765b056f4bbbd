"""Haystack: a pipeline of retriever, prompt and generator; an agent with a tool."""
import os

from haystack import Document, Pipeline
from haystack.components.agents import Agent
from haystack.components.builders import ChatPromptBuilder
from haystack.components.generators.chat import OpenAIChatGenerator
from haystack.components.retrievers.in_memory import InMemoryBM25Retriever
from haystack.dataclasses import ChatMessage
from haystack.document_stores.in_memory import InMemoryDocumentStore
from haystack.tools import tool
from haystack.utils import Secret

URL = os.environ["PROVIDER_URL"] + "/v1"


def model():
    return OpenAIChatGenerator(
        model="gpt-4o-mini", api_base_url=URL, api_key=Secret.from_token("k"), max_retries=0
    )


store = InMemoryDocumentStore()
store.write_documents([Document(content=text) for text in ("red", "green", "blue")])
pipeline = Pipeline()
pipeline.add_component("retriever", InMemoryBM25Retriever(store, top_k=1))
template = [ChatMessage.from_user("{{documents[0].content}} {{question}}")]
pipeline.add_component("prompt", ChatPromptBuilder(template=template, required_variables="*"))
pipeline.add_component("model", model())
pipeline.connect("retriever", "prompt.documents")
pipeline.connect("prompt.prompt", "model.messages")
result = pipeline.run({"retriever": {"query": "green"}, "prompt": {"question": "What?"}})
print(result["model"]["replies"][0].text)


@tool
def weather(city: str) -> str:
    """The weather of a city."""
    return f"sunny in {city}"


agent = Agent(chat_generator=model(), tools=[weather])
result = agent.run(messages=[ChatMessage.from_user("<<tool: weather>>")])
print([message.role.value for message in result["messages"]], result["messages"][-1].text)
