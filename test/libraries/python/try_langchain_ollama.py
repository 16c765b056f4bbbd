"""LangChain with Ollama: invoke, stream, embeddings."""
import os

from langchain_ollama import ChatOllama, OllamaEmbeddings

model = ChatOllama(model="llama3.2", base_url=os.environ["PROVIDER_URL"])
print(model.invoke("What is the answer?").content)
print([chunk.content for chunk in model.stream("What is the answer?")])
print(len(OllamaEmbeddings(model="nomic-embed-text", base_url=os.environ["PROVIDER_URL"]).embed_query("one")))
