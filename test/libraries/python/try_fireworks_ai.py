"""Fireworks' client: plain and streamed."""
import os

from fireworks import Fireworks

client = Fireworks(api_key="k", base_url=os.environ["PROVIDER_URL"])
ask = [{"role": "user", "content": "What is the answer?"}]
model = "accounts/fireworks/models/llama-v3p1-8b-instruct"
print(client.chat.completions.create(model=model, messages=ask).choices[0].message.content)
for chunk in client.chat.completions.create(model=model, messages=ask, stream=True):
    print(chunk.choices[0].delta.content)
