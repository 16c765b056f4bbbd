"""Azure's inference client: plain, streamed, embeddings."""
import os

from azure.ai.inference import ChatCompletionsClient, EmbeddingsClient
from azure.ai.inference.models import UserMessage
from azure.core.credentials import AzureKeyCredential

# Plain HTTP is what the test has; the client refuses to send a key over it, so none is sent.
known = {"endpoint": os.environ["PROVIDER_URL"] + "/models", "credential": AzureKeyCredential("k")}
client = ChatCompletionsClient(**known)
ask = [UserMessage("What is the answer?")]
answer = client.complete(messages=ask, model="Phi-4")
print(answer.choices[0].message.content, answer.usage.total_tokens)
for update in client.complete(messages=ask, model="Phi-4", stream=True):
    print(update.choices[0].delta.content)
print(len(EmbeddingsClient(**known).embed(input=["one"], model="embed-v3").data))
