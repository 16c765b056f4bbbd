"""Perplexity's client: plain and streamed."""
import os

from perplexity import Perplexity

client = Perplexity(api_key="k", base_url=os.environ["PROVIDER_URL"], max_retries=0)
ask = [{"role": "user", "content": "What is the answer?"}]
print(client.chat.completions.create(model="sonar", messages=ask).choices[0].message.content)
for chunk in client.chat.completions.create(model="sonar", messages=ask, stream=True):
    print(chunk.choices[0].delta.content)
