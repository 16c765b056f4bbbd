"""LangChain with Bedrock's Converse: invoke, stream."""
import os

from langchain_aws import ChatBedrockConverse

model = ChatBedrockConverse(
    model="anthropic.claude-3-5-haiku-20241022-v1:0",
    region_name="us-east-1",
    endpoint_url=os.environ["PROVIDER_URL"],
    aws_access_key_id="a",
    aws_secret_access_key="s",
)
print(model.invoke("What is the answer?").content)
print(len([chunk for chunk in model.stream("What is the answer?")]) > 1)
