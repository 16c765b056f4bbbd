"""Outlines: text and JSON of a schema from OpenAI."""
import os

import openai
import outlines
from pydantic import BaseModel


class Place(BaseModel):
    city: str


client = openai.OpenAI(base_url=os.environ["PROVIDER_URL"] + "/v1", api_key="k", max_retries=0)
model = outlines.from_openai(client, "gpt-4o-mini")
print(model("What is the answer?"))
print(model("Which place?", Place))
