"""llm, the command line tool's library: a prompt, streamed and plain."""
import os

from llm.default_plugins.openai_models import Chat

model = Chat("gpt-4o-mini", key="k", api_base=os.environ["PROVIDER_URL"] + "/v1")
print(model.prompt("What is the answer?", stream=False, key="k").text())
print(list(model.prompt("What is the answer?", key="k")))
