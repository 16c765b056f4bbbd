"""LlamaIndex with Anthropic: chat, plain and streamed."""
import os

from llama_index.core.llms import ChatMessage
from llama_index.llms.anthropic import Anthropic

model = Anthropic(model="claude-haiku-4-5", base_url=os.environ["PROVIDER_URL"], api_key="k", max_retries=0)
ask = [ChatMessage(role="user", content="What is the answer?")]
print(model.chat(ask).message.content)
print("".join(part.delta for part in model.stream_chat(ask)))
