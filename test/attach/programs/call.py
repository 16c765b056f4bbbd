"""usage: call.py PORT. One chat completion, with nothing but the standard library."""

import http.client
import ssl
import sys

connection = http.client.HTTPSConnection("127.0.0.1", int(sys.argv[1]), context=ssl._create_unverified_context())
question = '{"model":"gpt-4o","messages":[{"role":"user","content":"python"}]}'
connection.request("POST", "/v1/chat/completions", question, {"content-type": "application/json"})
print(len(connection.getresponse().read()))
