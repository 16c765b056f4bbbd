"""usage: plain.py server | plain.py client PORT PLAN. Plain HTTP, as model servers on this machine speak it.

The server prints its port, and a line of JSON for each exchange; the client waits for a line, then sends the plan."""

import hashlib
import http.client
import http.server
import json
import os
import sys


def told(path, sent, received):
    digests = (hashlib.sha256(data).hexdigest() for data in (sent, received))
    request, response = digests
    facts = {"path": path, "request_size": len(sent), "request_sha256": request}
    print(json.dumps({**facts, "response_size": len(received), "response_sha256": response}), flush=True)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *words):
        pass

    def do_POST(self):
        sent = self.rfile.read(int(self.headers["content-length"]))
        size = int(self.path.rpartition("=")[2])
        self.send_response(200)
        if "stream" in self.path:
            chunks = ({"model": "m", "message": {"content": str(n)}, "done": False} for n in range(size))
            lines = [json.dumps(chunk).encode() + b"\n" for chunk in chunks]
            self.send_header("content-type", "application/x-ndjson")
            self.send_header("transfer-encoding", "chunked")
            self.end_headers()
            for line in lines:
                self.wfile.write(b"%x\r\n%s\r\n" % (len(line), line))
            self.wfile.write(b"0\r\n\r\n")
            return told(self.path, sent, b"".join(lines))
        answer = b"0123456789abcdef" * (size // 16)
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)
        told(self.path, sent, answer)


if sys.argv[1] == "server":
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(server.server_address[1], flush=True)
    server.serve_forever()
else:
    print(json.dumps({"ready": os.getpid()}), flush=True)
    sys.stdin.readline()
    connection = http.client.HTTPConnection("127.0.0.1", int(sys.argv[2]))
    for path, size in json.load(open(sys.argv[3])):
        connection.request("POST", path, b"x" * size)
        connection.getresponse().read()
    print("done", flush=True)
    sys.stdin.readline()
