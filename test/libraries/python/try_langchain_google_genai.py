"""LangChain with Gemini: invoke, stream, embeddings."""
import os

from langchain_google_genai import ChatGoogleGenerativeAI, GoogleGenerativeAIEmbeddings

known = {"google_api_key": "k", "base_url": os.environ["PROVIDER_URL"]}
model = ChatGoogleGenerativeAI(model="gemini-2.5-flash", max_retries=1, **known)
print(model.invoke("What is the answer?").content)
print(len([chunk for chunk in model.stream("What is the answer?")]) > 1)
print(len(GoogleGenerativeAIEmbeddings(model="gemini-embedding-001", **known).embed_query("one")))
