"""Alibaba's DashScope: text generation, plain and streamed, an error."""
import os

import dashscope
from dashscope import Generation

dashscope.base_http_api_url = os.environ["PROVIDER_URL"] + "/api/v1"
ask = [{"role": "user", "content": "What is the answer?"}]
known = {"api_key": "k", "model": "qwen-plus", "result_format": "message"}
answer = Generation.call(messages=ask, **known)
print(answer.output.choices[0].message.content, answer.usage.output_tokens)
for part in Generation.call(messages=ask, stream=True, incremental_output=True, **known):
    print(part.output.choices[0].message.content)
print(Generation.call(messages=[{"role": "user", "content": "<<error: 429>>"}], **known).code)
