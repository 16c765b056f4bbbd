"""LangChain with Anthropic: invoke, stream, async."""
import asyncio
import os

from langchain_anthropic import ChatAnthropic

model = ChatAnthropic(model="claude-haiku-4-5", base_url=os.environ["PROVIDER_URL"], api_key="k", max_retries=0)
print(model.invoke("What is the answer?").content)
print([chunk.content for chunk in model.stream("What is the answer?")])
print(asyncio.run(model.ainvoke("What is the answer?")).usage_metadata["total_tokens"])
