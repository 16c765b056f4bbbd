"""LangChain with Groq: invoke, stream."""
import os

from langchain_groq import ChatGroq

model = ChatGroq(model="llama-3.3-70b-versatile", base_url=os.environ["PROVIDER_URL"], api_key="k", max_retries=0)
print(model.invoke("What is the answer?").content)
print([chunk.content for chunk in model.stream("What is the answer?")])
