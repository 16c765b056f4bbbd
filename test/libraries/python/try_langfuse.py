"""Langfuse beside us: its own tracing goes where it is told to; a nested call stays the program's."""
import os

import openai
from langfuse import Langfuse, observe

langfuse = Langfuse(
    public_key="p", secret_key="s", host=os.environ["PROVIDER_URL"], tracing_enabled=False, timeout=1
)
client = openai.OpenAI(base_url=os.environ["PROVIDER_URL"] + "/v1", api_key="k", max_retries=0)
ask = [{"role": "user", "content": "What is the answer?"}]


@observe()
def answer():
    return client.chat.completions.create(model="gpt-4o-mini", messages=ask).choices[0].message.content


print(answer())
