"""LlamaIndex: an index in memory, queries plain, streamed and async, and a chat engine."""
import asyncio
import os

from llama_index.core import Document, Settings, VectorStoreIndex
from llama_index.core.node_parser import SentenceSplitter
from llama_index.embeddings.openai import OpenAIEmbedding
from llama_index.llms.openai import OpenAI

known = {"api_base": os.environ["PROVIDER_URL"] + "/v1", "api_key": "k", "max_retries": 0}
tokens = str.split  # tiktoken's tables would have to be downloaded
Settings.tokenizer = tokens
Settings.node_parser = SentenceSplitter(tokenizer=tokens)
Settings.llm = OpenAI(model="gpt-4o-mini", **known)
Settings.embed_model = OpenAIEmbedding(model="text-embedding-3-small", **known)
print(Settings.llm.complete("What is the answer?").text)
print([part.delta for part in Settings.llm.stream_complete("What is the answer?")])
index = VectorStoreIndex.from_documents([Document(text=text) for text in ("red", "green", "blue")])
print(index.as_query_engine(similarity_top_k=1).query("green?").response)
print("".join(index.as_query_engine(streaming=True, similarity_top_k=1).query("green?").response_gen))
print(asyncio.run(index.as_query_engine(similarity_top_k=1).aquery("green?")).response)
