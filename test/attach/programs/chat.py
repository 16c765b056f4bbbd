"""usage: chat.py PORT whole|stream|other... Connects, says {"ready": pid}, and after a line makes these requests one by one: chat
completions with a secret and a credential in them, whole or streamed, or something else."""

import http.client
import json
import os
import ssl
import sys

port, wanted = int(sys.argv[1]), sys.argv[2:]
c = http.client.HTTPSConnection("127.0.0.1", port, context=ssl._create_unverified_context())
c.connect()
print(json.dumps({"ready": os.getpid()}), flush=True)
sys.stdin.readline()
for kind in wanted:
    if kind == "other":
        c.request("GET", "/not-an-llm-call", headers={"host": "example.com"})
    else:
        body = {"model": "gpt-4o", "messages": [{"role": "user", "content": "secret question"}]}
        if kind == "stream":
            body["stream"] = True
        headers = {
            "host": "api.openai.com",
            "content-type": "application/json",
            "authorization": "Bearer sk-planted-4711",
        }
        c.request("POST", "/v1/chat/completions", json.dumps(body), headers)
    answer = c.getresponse()
    text = answer.read().decode()
    assert answer.status == 200
    if kind == "whole":
        assert json.loads(text)["choices"][0]["message"]["content"] == "secret answer"
print("done", flush=True)
sys.stdin.read()
