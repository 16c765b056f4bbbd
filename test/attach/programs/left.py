"""usage: left.py server | left.py client PORT. Plain HTTP streams that end in the middle, each in another way.

The server prints its port; the client waits for a line, then asks."""

import http.client
import json
import os
import socket
import struct
import sys
import time

EVENT = b"5\r\nword \r\n"


def serve(listener):
    while True:
        peer = listener.accept()[0]
        asked = b""
        while not asked.endswith(b"{}"):
            asked += peer.recv(65536)
        peer.sendall(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n" + EVENT)
        if b"/reset" in asked:
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        if b"/left" in asked:
            peer.recv(1)
        else:
            time.sleep(0.2)
        peer.close()


def ask(path):
    connection = http.client.HTTPConnection("127.0.0.1", int(sys.argv[2]))
    connection.request("POST", path, b"{}")
    answer = connection.getresponse()
    try:
        answer.read(5)
        if path != "/left":
            answer.read()
    except (http.client.IncompleteRead, ConnectionResetError):
        pass
    answer.close()
    connection.close()


if sys.argv[1] == "server":
    server = socket.create_server(("127.0.0.1", 0))
    print(server.getsockname()[1], flush=True)
    serve(server)
print(json.dumps({"ready": os.getpid()}), flush=True)
sys.stdin.readline()
for where in ("/left", "/closed", "/reset"):
    ask(where)
print("done", flush=True)
sys.stdin.readline()
