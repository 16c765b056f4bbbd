"""Guidance: a chat through OpenAI."""
import os

from guidance import assistant, gen, models, user

model = models.OpenAI("gpt-4o-mini", api_key="k", base_url=os.environ["PROVIDER_URL"] + "/v1", echo=False)
with user():
    model += "What is the answer?"
with assistant():
    model += gen("answer", max_tokens=16)
print(model["answer"])
