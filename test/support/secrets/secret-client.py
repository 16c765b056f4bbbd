"""usage: secret-client.py ADDRESS PLAN [more words]. Sends the requests of the plan, and one of them through HTTP_PROXY.

With WAIT set it says {"ready": pid} after its first connection and waits for a line. Prints the statuses."""

import http.client
import json
import os
import ssl
import sys
from urllib.parse import urlsplit

address, plan = urlsplit(sys.argv[1]), json.load(open(sys.argv[2]))
if address.scheme == "https":
    context = ssl._create_unverified_context()
    connection = http.client.HTTPSConnection(address.hostname, address.port, context=context)
else:
    connection = http.client.HTTPConnection(address.hostname, address.port)


def send(where, each, step, headers=()):
    each.request("POST", where, step["body"].encode(), {**step["headers"], **dict(headers)})
    response = each.getresponse()
    response.read()
    return response.status


if os.environ.get("WAIT"):
    connection.request("GET", "/warm")
    connection.getresponse().read()
    print(json.dumps({"ready": os.getpid()}), flush=True)
    sys.stdin.readline()

statuses = [send(step["path"], connection, step) for step in plan]
proxy = os.environ.get("APP_PROXY")
if proxy:
    to = urlsplit(proxy)
    through = http.client.HTTPConnection(to.hostname, to.port)
    userinfo = "%s:%s" % (to.username, to.password)
    where = "http://%s@%s:%s%s" % (userinfo, to.hostname, to.port, plan[0]["path"])
    statuses.append(send(where, through, plan[0]))
print(json.dumps(statuses), flush=True)
print("done", flush=True)
