"""LangChain with OpenAI: invoke, stream, batch, async, tools, structured output, embeddings, a chain."""
import asyncio
import os

from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI, OpenAIEmbeddings
from pydantic import BaseModel

known = {"base_url": os.environ["PROVIDER_URL"] + "/v1", "api_key": "k", "max_retries": 0}
model = ChatOpenAI(model="gpt-4o-mini", **known)


@tool
def weather(city: str) -> str:
    """The weather of a city."""
    return f"sunny in {city}"


class Place(BaseModel):
    """A place."""

    city: str


answer = model.invoke("What is the answer?")
print(answer.content, answer.usage_metadata["total_tokens"])
print([chunk.content for chunk in model.stream("What is the answer?")])
print([answer.content for answer in model.batch(["one", "two", "three"])])
chain = ChatPromptTemplate.from_template("Say something on {topic}") | model | StrOutputParser()
print(chain.invoke({"topic": "cats"}))
print(model.bind_tools([weather]).invoke("<<tool: weather>>").tool_calls[0]["args"])
print(model.with_structured_output(Place).invoke("Which place?"))
print(len(OpenAIEmbeddings(model="text-embedding-3-small", check_embedding_ctx_length=False, **known).embed_query("x")))
try:
    model.invoke("<<error: 429>>")
except Exception as error:
    print(type(error).__name__)


async def main():
    print((await model.ainvoke("What is the answer?")).content)
    print([chunk.content async for chunk in model.astream("What is the answer?")])
    print(len(await asyncio.gather(model.ainvoke("one"), chain.ainvoke({"topic": "dogs"}))))


asyncio.run(main())
