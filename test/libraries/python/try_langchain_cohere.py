"""LangChain with Cohere: invoke."""
import os

from langchain_cohere import ChatCohere

model = ChatCohere(model="command-a-03-2025", cohere_api_key="k", base_url=os.environ["PROVIDER_URL"])
print(model.invoke("What is the answer?").content)
