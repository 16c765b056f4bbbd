"""Voyage's client: embeddings and rerank."""
import os
import socket

import voyageai

# The format is known on the provider's own host only, so that host is what the client asks, and it leads here.
ask_system = socket.getaddrinfo
socket.getaddrinfo = lambda host, *known, **named: ask_system("127.0.0.1", *known, **named)
URL = os.environ["PROVIDER_URL"].replace("127.0.0.1", "api.voyageai.com")
client = voyageai.Client(api_key="k", base_url=URL + "/v1")
print(client.embed(["one", "two"], model="voyage-3.5", input_type="document").total_tokens)
print([each.index for each in client.rerank("q", ["one", "two"], model="rerank-2.5").results])
