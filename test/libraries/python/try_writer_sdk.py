"""Writer's client: chat, plain and streamed."""
import os

from writerai import Writer

client = Writer(api_key="k", base_url=os.environ["PROVIDER_URL"], max_retries=0)
ask = [{"role": "user", "content": "What is the answer?"}]
print(client.chat.chat(model="palmyra-x5", messages=ask).choices[0].message.content)
for chunk in client.chat.chat(model="palmyra-x5", messages=ask, stream=True):
    print(chunk.choices[0].delta.content)
