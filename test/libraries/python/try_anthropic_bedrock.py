"""Anthropic's client for Bedrock: InvokeModel, plain and as an event stream."""
import os

import anthropic

client = anthropic.AnthropicBedrock(
    base_url=os.environ["PROVIDER_URL"], aws_region="us-east-1", aws_access_key="a", aws_secret_key="s", max_retries=0
)
model = "anthropic.claude-3-5-haiku-20241022-v1:0"
ask = [{"role": "user", "content": "What is the answer?"}]
print(client.messages.create(model=model, max_tokens=64, messages=ask).content[0].text)
for event in client.messages.create(model=model, max_tokens=64, messages=ask, stream=True):
    print(event.type)
