"""Chroma inside the process: vectors made by OpenAI's client, then added and queried."""
import os

import chromadb
import openai
from chromadb.config import Settings

models = openai.OpenAI(base_url=os.environ["PROVIDER_URL"] + "/v1", api_key="k")
texts = ["red", "green", "blue"]
vectors = [item.embedding for item in models.embeddings.create(model="text-embedding-3-small", input=texts).data]
store = chromadb.EphemeralClient(Settings(anonymized_telemetry=False)).create_collection("colours")
store.add(ids=["1", "2", "3"], documents=texts, embeddings=vectors)
found = store.query(query_embeddings=[vectors[1]], n_results=1)
print(found["documents"], store.count())
