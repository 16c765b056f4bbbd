"""Volcengine's Ark client: plain and streamed."""
import os

from volcenginesdkarkruntime import Ark

client = Ark(api_key="k", base_url=os.environ["PROVIDER_URL"] + "/api/v3", max_retries=0)
ask = [{"role": "user", "content": "What is the answer?"}]
print(client.chat.completions.create(model="doubao-1-5-pro", messages=ask).choices[0].message.content)
for chunk in client.chat.completions.create(model="doubao-1-5-pro", messages=ask, stream=True):
    print(chunk.choices[0].delta.content)
