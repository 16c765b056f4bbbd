"""LangChain with Cohere: invoke."""
import os
import socket

from langchain_cohere import ChatCohere

# The format is known on the provider's own host only, so that host is what the client asks, and it leads here.
ask_system = socket.getaddrinfo
socket.getaddrinfo = lambda host, *known, **named: ask_system("127.0.0.1", *known, **named)
URL = os.environ["PROVIDER_URL"].replace("127.0.0.1", "api.cohere.com")
model = ChatCohere(model="command-a-03-2025", cohere_api_key="k", base_url=URL)
print(model.invoke("What is the answer?").content)
