"""Cohere's client: chat, streamed, embeddings, rerank, an error."""
import os
import socket

import cohere

# The format is known on the provider's own host only, so that host is what the client asks, and it leads here.
ask_system = socket.getaddrinfo
socket.getaddrinfo = lambda host, *known, **named: ask_system("127.0.0.1", *known, **named)
URL = os.environ["PROVIDER_URL"].replace("127.0.0.1", "api.cohere.com")
client = cohere.ClientV2(api_key="k", base_url=URL)
ask = [{"role": "user", "content": "What is the answer?"}]
answer = client.chat(model="command-a-03-2025", messages=ask)
print(answer.message.content[0].text, answer.usage.tokens.output_tokens, answer.finish_reason)
print([event.type for event in client.chat_stream(model="command-a-03-2025", messages=ask)])
vectors = client.embed(model="embed-v4.0", texts=["one"], input_type="search_query", embedding_types=["float"])
print(len(vectors.embeddings.float_))
print([each.index for each in client.rerank(model="rerank-v3.5", query="q", documents=["one", "two"]).results])
try:
    client.chat(model="command-a-03-2025", messages=[{"role": "user", "content": "<<error: 401>>"}])
except cohere.UnauthorizedError as error:
    print(type(error).__name__, error.status_code)
