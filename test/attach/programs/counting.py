"""usage: counting.py PORT PLAN. Four connections that count what they carry as plaintext. Says {"ready": pid}; each line on stdin
is a range of the plan, which it sends, and answers with {"calls", "bytes"} so far. Closes its connections with its stdin."""

import http.client
import json
import os
import ssl
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

port, plan = int(sys.argv[1]), json.load(open(sys.argv[2]))
counting, own, open_ = threading.Lock(), threading.local(), []
counted = {"calls": 0, "bytes": 0}


def count(size):
    if size > 0:
        with counting:
            counted["calls"] += 1
            counted["bytes"] += size


class Counting(ssl.SSLSocket):
    """Every read and write of a connection comes through here, and is one call of OpenSSL that moved something."""

    def send(self, data, flags=0):
        size = super().send(data, flags)
        count(size)
        return size

    def read(self, len=1024, buffer=None):
        got = super().read(len, buffer)
        count(got if buffer is not None else memoryview(got).nbytes)
        return got


context = ssl._create_unverified_context()
context.sslsocket_class = Counting


def send(step):
    method, path, size = step
    if not hasattr(own, "connection"):
        own.connection = http.client.HTTPSConnection("127.0.0.1", port, context=context)
        open_.append(own.connection)
    own.connection.request(method, path, (b"0123456789abcdef" * (size // 16 + 1))[:size] or None)
    own.connection.getresponse().read()


# A thread for each: step i goes over connection i % 4.
threads = [ThreadPoolExecutor(1) for _ in range(4)]


def send_all(steps):
    for each in [threads[i % 4].submit(send, step) for i, step in steps]:
        each.result()


send_all((i, ["GET", "/warm", 0]) for i in range(4))
counted.update(calls=0, bytes=0)
print(json.dumps({"ready": os.getpid()}), flush=True)
for line in sys.stdin:
    first, last = map(int, line.split())
    send_all(enumerate(plan[first:last], first))
    print(json.dumps(counted), flush=True)
for connection in open_:
    connection.close()
