"""The standard library: urllib.request and http.client."""
import http.client
import json
import os
import urllib.error
import urllib.parse
import urllib.request

URL = os.environ["PROVIDER_URL"] + "/v1/chat/completions"
ask = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "What is the answer?"}]}
headers = {"content-type": "application/json"}


def post(body):
    return urllib.request.urlopen(urllib.request.Request(URL, json.dumps(body).encode(), headers))


with post(ask) as response:
    print(type(response).__name__, response.status, json.load(response)["usage"]["total_tokens"])
with post({**ask, "stream": True}) as response:
    print(sum(line.startswith(b"data:") for line in response))
try:
    post({**ask, "messages": [{"role": "user", "content": "<<error: 429>>"}]})
except urllib.error.HTTPError as error:
    print(error.code, json.load(error)["error"]["code"])
place = urllib.parse.urlsplit(URL)
connection = http.client.HTTPConnection(place.hostname, place.port)
for stream in (False, True):
    connection.request("POST", place.path, json.dumps({**ask, "stream": stream}), headers)
    response = connection.getresponse()
    view = bytearray(64)
    count = 0
    while size := response.readinto(view):
        count += size
    print(response.version, count)
connection.close()
