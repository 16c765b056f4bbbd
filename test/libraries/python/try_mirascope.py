"""Mirascope: a decorated call, plain and streamed."""
import os

os.environ["OPENAI_BASE_URL"] = os.environ["PROVIDER_URL"] + "/v1"
os.environ["OPENAI_API_KEY"] = "k"
from mirascope import llm

llm.register_provider("openai", scope="openai/", base_url=os.environ["OPENAI_BASE_URL"], api_key="k")


@llm.call("openai/gpt-4o-mini:completions")
def ask(thing: str):
    return f"What is {thing}?"


print(ask("the answer").text())
print("".join(ask.stream("the answer").text_stream()))
