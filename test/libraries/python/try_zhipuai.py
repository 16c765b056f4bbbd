"""Zhipu's client: plain and streamed."""
import os

from zhipuai import ZhipuAI

client = ZhipuAI(api_key="a.b", base_url=os.environ["PROVIDER_URL"] + "/api/paas/v4")
ask = [{"role": "user", "content": "What is the answer?"}]
print(client.chat.completions.create(model="glm-4.5", messages=ask).choices[0].message.content)
for chunk in client.chat.completions.create(model="glm-4.5", messages=ask, stream=True):
    print(chunk.choices[0].delta.content)
