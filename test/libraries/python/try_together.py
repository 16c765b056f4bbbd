"""Together's client: plain, streamed, embeddings."""
import os

import together

client = together.Together(api_key="k", base_url=os.environ["PROVIDER_URL"] + "/v1", max_retries=0)
ask = [{"role": "user", "content": "What is the answer?"}]
model = "meta-llama/Llama-3.3-70B-Instruct-Turbo"
print(client.chat.completions.create(model=model, messages=ask).choices[0].message.content)
for chunk in client.chat.completions.create(model=model, messages=ask, stream=True):
    print(chunk.choices[0].delta.content)
print(len(client.embeddings.create(model="BAAI/bge-base-en-v1.5", input="one").data))
