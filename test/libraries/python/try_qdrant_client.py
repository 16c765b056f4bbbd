"""Qdrant inside the process: vectors made by OpenAI's client, then added and queried, sync and async."""
import asyncio
import os

import openai
from qdrant_client import AsyncQdrantClient, QdrantClient, models

texts = ["red", "green", "blue"]
client = openai.OpenAI(base_url=os.environ["PROVIDER_URL"] + "/v1", api_key="k")
vectors = [item.embedding for item in client.embeddings.create(model="text-embedding-3-small", input=texts).data]
points = [models.PointStruct(id=n, vector=vector, payload={"text": texts[n]}) for n, vector in enumerate(vectors)]
config = models.VectorParams(size=8, distance=models.Distance.COSINE)

store = QdrantClient(":memory:")
store.create_collection("colours", vectors_config=config)
store.upsert("colours", points)
print(store.query_points("colours", query=vectors[2], limit=1).points[0].payload)


async def main():
    store = AsyncQdrantClient(":memory:")
    await store.create_collection("colours", vectors_config=config)
    await store.upsert("colours", points)
    print((await store.query_points("colours", query=vectors[0], limit=1)).points[0].payload)


asyncio.run(main())
