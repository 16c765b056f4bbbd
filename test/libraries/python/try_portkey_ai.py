"""Portkey's client of its gateway: plain and streamed."""
import os

from portkey_ai import Portkey

client = Portkey(api_key="k", provider="openai", base_url=os.environ["PROVIDER_URL"] + "/v1")
ask = [{"role": "user", "content": "What is the answer?"}]
print(client.chat.completions.create(model="gpt-4o-mini", messages=ask).choices[0].message.content)
for chunk in client.chat.completions.create(model="gpt-4o-mini", messages=ask, stream=True):
    print(chunk.choices[0].delta.content)
