"""LangChain's retrieval: Chroma, embeddings of OpenAI, a chain that answers from what it found."""
import os

from langchain_chroma import Chroma
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import RunnablePassthrough
from langchain_openai import ChatOpenAI, OpenAIEmbeddings

known = {"base_url": os.environ["PROVIDER_URL"] + "/v1", "api_key": "k", "max_retries": 0}
embeddings = OpenAIEmbeddings(model="text-embedding-3-small", check_embedding_ctx_length=False, **known)
store = Chroma.from_texts(["red", "green", "blue"], embeddings, collection_name="colours")
prompt = ChatPromptTemplate.from_template("{context} {question}")
chain = (
    {"context": store.as_retriever(search_kwargs={"k": 1}), "question": RunnablePassthrough()}
    | prompt
    | ChatOpenAI(model="gpt-4o-mini", **known)
    | StrOutputParser()
)
print(chain.invoke("green"))
