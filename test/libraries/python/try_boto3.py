"""AWS' client for Bedrock: Converse and InvokeModel, plain and streamed, an error; the answers' types stay."""
import json
import os

import boto3
import botocore.exceptions

client = boto3.client(
    "bedrock-runtime",
    region_name="us-east-1",
    endpoint_url=os.environ["PROVIDER_URL"],
    aws_access_key_id="a",
    aws_secret_access_key="s",
    config=boto3.session.Config(retries={"total_max_attempts": 1}),
)
model = "anthropic.claude-3-5-haiku-20241022-v1:0"
ask = [{"role": "user", "content": [{"text": "What is the answer?"}]}]
answer = client.converse(modelId=model, messages=ask)
print(type(answer).__name__, answer["output"]["message"]["content"][0]["text"], answer["usage"])
answer = client.converse_stream(modelId=model, messages=ask)
print(type(answer["stream"]).__name__, [next(iter(event)) for event in answer["stream"]])
body = json.dumps(
    {
        "anthropic_version": "bedrock-2023-05-31",
        "max_tokens": 64,
        "messages": [{"role": "user", "content": "What is the answer?"}],
    }
)
answer = client.invoke_model(modelId=model, body=body)
print(type(answer["body"]).__name__, json.loads(answer["body"].read())["content"][0]["text"])
answer = client.invoke_model_with_response_stream(modelId=model, body=body)
print([json.loads(event["chunk"]["bytes"])["type"] for event in answer["body"]])
answer = client.invoke_model(modelId="amazon.titan-embed-text-v2:0", body=json.dumps({"inputText": "one"}))
print(json.loads(answer["body"].read())["inputTextTokenCount"])
try:
    client.converse(modelId=model, messages=[{"role": "user", "content": [{"text": "<<error: 429>>"}]}])
except botocore.exceptions.ClientError as error:
    print(type(error).__name__, error.response["Error"]["Code"])
