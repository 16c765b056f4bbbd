"""Google's client for Gemini: sync and async, plain and streamed, tools, embeddings, an error."""
import asyncio
import os

from google import genai
from google.genai import errors, types

client = genai.Client(api_key="k", http_options=types.HttpOptions(base_url=os.environ["PROVIDER_URL"]))
model = "gemini-2.5-flash"
answer = client.models.generate_content(model=model, contents="What is the answer?")
print(answer.text, answer.usage_metadata.total_token_count)
print([chunk.text for chunk in client.models.generate_content_stream(model=model, contents="What is the answer?")])


def weather(city: str) -> str:
    """The weather of a city."""
    return f"sunny in {city}"


answer = client.models.generate_content(
    model=model, contents="<<tool: weather>>", config=types.GenerateContentConfig(tools=[weather])
)
print(answer.text, len(answer.automatic_function_calling_history))
print(len(client.models.embed_content(model="gemini-embedding-001", contents=["one", "two"]).embeddings))
try:
    client.models.generate_content(model=model, contents="<<error: 429>>")
except errors.ClientError as error:
    print(error.code, error.status)


async def main():
    print((await client.aio.models.generate_content(model=model, contents="What is the answer?")).text)
    stream = await client.aio.models.generate_content_stream(model=model, contents="What is the answer?")
    print([chunk.text async for chunk in stream])


asyncio.run(main())
