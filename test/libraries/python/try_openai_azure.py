"""Azure OpenAI through OpenAI's client: the deployment is in the path."""
import os

import openai

client = openai.AzureOpenAI(
    azure_endpoint=os.environ["PROVIDER_URL"], api_version="2024-10-21", api_key="k", max_retries=0
)
ask = [{"role": "user", "content": "What is the answer?"}]
answer = client.chat.completions.create(model="gpt-4o", messages=ask)
print(answer.choices[0].message.content, answer.usage.prompt_tokens)
for chunk in client.chat.completions.create(model="gpt-4o", messages=ask, stream=True):
    print(chunk.choices[0].delta.content)
print(len(client.embeddings.create(model="embed", input="one").data[0].embedding))
try:
    client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "<<error: 401>>"}])
except openai.AuthenticationError as error:
    print(error.code)
