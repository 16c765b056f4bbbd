"""Replicate's client: a prediction. Its API has no chat format, so nothing is reported; the program must not notice."""
import os

import replicate

client = replicate.Client(api_token="k", base_url=os.environ["PROVIDER_URL"])
print("".join(client.run("meta/meta-llama-3-8b-instruct", input={"prompt": "What is the answer?"})))
