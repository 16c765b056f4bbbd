"""AI21's client: plain and streamed."""
import os

from ai21 import AI21Client
from ai21.models.chat import ChatMessage

client = AI21Client(api_key="k", api_host=os.environ["PROVIDER_URL"])
ask = [ChatMessage(role="user", content="What is the answer?")]
print(client.chat.completions.create(model="jamba-mini", messages=ask).choices[0].message.content)
for chunk in client.chat.completions.create(model="jamba-mini", messages=ask, stream=True):
    print(chunk.choices[0].delta.content)
