"""The real LangChain over the real OpenAI client: invoke, stream, asynchronous, and an agent's tool loop."""

import asyncio

from langchain_openai import ChatOpenAI


def main():
    model = ChatOpenAI(model="gpt-4o-mini", max_retries=0)
    print("invoke", model.invoke("hi").content)
    print("stream", "".join(chunk.content for chunk in model.stream("hi", stream_usage=True)))
    asyncio.run(later(model))


async def later(model):
    print("ainvoke", (await model.ainvoke("hi")).content)
    print("astream", "".join([chunk.content async for chunk in model.astream("hi", stream_usage=True)]))


main()
