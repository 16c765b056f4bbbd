"""A keep-alive TLS client. For each line "<seconds> <exchanges/s or 0>" on stdin: chat requests of 1 kB, and one line
"done <exchanges> <seconds>" on stdout. usage: client.py PORT"""

import http.client
import json
import ssl
import sys
import time

connection = http.client.HTTPSConnection("127.0.0.1", int(sys.argv[1]), context=ssl._create_unverified_context())
body = json.dumps({"model": "gpt-4o", "messages": [{"role": "user", "content": "x" * 900}]})


def one():
    connection.request("POST", "/v1/chat/completions", body, {"content-type": "application/json"})
    connection.getresponse().read()


one()
print("ready", flush=True)
for line in sys.stdin:
    seconds, rate = map(float, line.split())
    n, begin = 0, time.monotonic()
    while (now := time.monotonic()) < begin + seconds:
        if rate and n / rate > now - begin:
            time.sleep(n / rate - (now - begin))
        one()
        n += 1
    print("done", n, time.monotonic() - begin, flush=True)
