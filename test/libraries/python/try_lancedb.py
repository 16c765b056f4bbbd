"""LanceDB in a folder: vectors made by OpenAI's client, then added and searched."""
import os
import tempfile

import lancedb
import openai

client = openai.OpenAI(base_url=os.environ["PROVIDER_URL"] + "/v1", api_key="k")
texts = ["red", "green", "blue"]
made = client.embeddings.create(model="text-embedding-3-small", input=texts).data
rows = [{"text": text, "vector": item.embedding} for text, item in zip(texts, made)]
with tempfile.TemporaryDirectory() as folder:
    table = lancedb.connect(folder).create_table("colours", data=rows)
    print(table.search(made[1].embedding).limit(1).to_list()[0]["text"], table.count_rows())
