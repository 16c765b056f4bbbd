"""Voyage's client: embeddings and rerank."""
import os

import voyageai

client = voyageai.Client(api_key="k", base_url=os.environ["PROVIDER_URL"] + "/v1")
print(client.embed(["one", "two"], model="voyage-3.5", input_type="document").total_tokens)
print([each.index for each in client.rerank("q", ["one", "two"], model="rerank-2.5").results])
