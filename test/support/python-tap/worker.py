"""A call that a multiprocessing worker can find by name."""
import json
import urllib.request


def urllib_call(server):
    body = json.dumps({"model": "m", "messages": []}).encode()
    request = urllib.request.Request(server + "/v1/chat/completions", body, {"content-type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        return len(answer.read())
