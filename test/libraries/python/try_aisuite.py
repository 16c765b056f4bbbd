"""aisuite: OpenAI and Anthropic behind one interface."""
import os

import aisuite

URL = os.environ["PROVIDER_URL"]
client = aisuite.Client(
    {"openai": {"api_key": "k", "base_url": URL + "/v1"}, "anthropic": {"api_key": "k", "base_url": URL}}
)
ask = [{"role": "user", "content": "What is the answer?"}]
for model in ("openai:gpt-4o-mini", "anthropic:claude-haiku-4-5"):
    print(client.chat.completions.create(model=model, messages=ask, max_tokens=64).choices[0].message.content)
