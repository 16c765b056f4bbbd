"""Anthropic's client for Vertex: rawPredict and streamRawPredict."""
import os

import anthropic

client = anthropic.AnthropicVertex(
    base_url=os.environ["PROVIDER_URL"] + "/v1", region="us-east5", project_id="p", access_token="t", max_retries=0
)
ask = [{"role": "user", "content": "What is the answer?"}]
print(client.messages.create(model="claude-haiku-4-5", max_tokens=64, messages=ask).content[0].text)
for event in client.messages.create(model="claude-haiku-4-5", max_tokens=64, messages=ask, stream=True):
    print(event.type)
