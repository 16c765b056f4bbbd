"""OpenRouter's client: plain and streamed."""
import os

from openrouter import OpenRouter

with OpenRouter(api_key="k", server_url=os.environ["PROVIDER_URL"] + "/api/v1") as client:
    ask = [{"role": "user", "content": "What is the answer?"}]
    print(client.chat.send(model="openai/gpt-4o-mini", messages=ask).choices[0].message.content)
    with client.chat.send(model="openai/gpt-4o-mini", messages=ask, stream=True) as stream:
        for chunk in stream:
            print(chunk.choices[0].delta.content)
