"""Cerebras' client: plain and streamed."""
import os

from cerebras.cloud.sdk import Cerebras

client = Cerebras(api_key="k", base_url=os.environ["PROVIDER_URL"], max_retries=0, warm_tcp_connection=False)
ask = [{"role": "user", "content": "What is the answer?"}]
print(client.chat.completions.create(model="llama3.1-8b", messages=ask).choices[0].message.content)
for chunk in client.chat.completions.create(model="llama3.1-8b", messages=ask, stream=True):
    print(chunk.choices[0].delta.content)
