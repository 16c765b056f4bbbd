"""Ollama's client: chat, generate, embed, streamed, async, an error."""
import asyncio
import os

import ollama

client = ollama.Client(host=os.environ["PROVIDER_URL"])
ask = [{"role": "user", "content": "What is the answer?"}]
answer = client.chat(model="llama3.2", messages=ask)
print(answer.message.content, answer.eval_count)
print([part.message.content for part in client.chat(model="llama3.2", messages=ask, stream=True)])
print(client.generate(model="llama3.2", prompt="What is the answer?").response)
print(len(client.embed(model="nomic-embed-text", input=["one", "two"]).embeddings))
try:
    client.chat(model="llama3.2", messages=[{"role": "user", "content": "<<error: 500>>"}])
except ollama.ResponseError as error:
    print(error.status_code, error.error)


async def main():
    client = ollama.AsyncClient(host=os.environ["PROVIDER_URL"])
    print([part.message.content async for part in await client.chat(model="llama3.2", messages=ask, stream=True)])


asyncio.run(main())
