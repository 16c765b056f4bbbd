"""OpenAI's Realtime API over a WebSocket."""
import os

import openai

url = os.environ["PROVIDER_URL"].replace("http", "ws") + "/v1"
client = openai.OpenAI(base_url=os.environ["PROVIDER_URL"] + "/v1", websocket_base_url=url, api_key="k")
with client.realtime.connect(model="gpt-realtime") as connection:
    connection.conversation.item.create(
        item={"type": "message", "role": "user", "content": [{"type": "input_text", "text": "What is the answer?"}]}
    )
    connection.response.create()
    for event in connection:
        print(event.type)
        if event.type == "response.done":
            print(event.response.usage.total_tokens)
            break
