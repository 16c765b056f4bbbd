"""xAI's client speaks gRPC, which is not decoded; the program must not notice. Nobody listens where it calls."""
import grpc
from xai_sdk import Client
from xai_sdk.chat import user

client = Client(api_key="k", api_host="127.0.0.1:9", timeout=5)
chat = client.chat.create(model="grok-4")
chat.append(user("What is the answer?"))
try:
    chat.sample()
except grpc.RpcError as error:
    print(type(error).__name__, error.code())
