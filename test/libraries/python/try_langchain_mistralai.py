"""LangChain with Mistral: invoke, stream."""
import os

from langchain_mistralai import ChatMistralAI

model = ChatMistralAI(
    model_name="mistral-small-latest", endpoint=os.environ["PROVIDER_URL"] + "/v1", api_key="k", max_retries=1
)
print(model.invoke("What is the answer?").content)
print([chunk.content for chunk in model.stream("What is the answer?")])
