"""As server.mjs, for Python's own server over HTTP/1.1: sizes, chunks with `gap` and `hold`, and `/upload`."""

import hashlib
import json
import os
import ssl
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

tls = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../fixtures/tls")
printing, go_on = threading.Lock(), threading.Event()


def say(what):
    with printing:
        print(json.dumps(what, separators=(",", ":")), flush=True)


def bytes_of(name, size):
    """As in server.mjs."""
    parts = (hashlib.sha256(f"{name} {i}".encode()).digest() for i in range(size // 32 + 1))
    return b"".join(parts)[:size]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def pieces(self):
        """The request's body as it comes."""
        if self.headers.get("transfer-encoding") == "chunked":
            while size := int(self.rfile.readline(), 16):
                yield self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        else:
            left = int(self.headers.get("content-length") or 0)
            while left > 0:
                piece = self.rfile.read1(min(left, 65536))
                left -= len(piece)
                yield piece

    def answer(self):
        got, got_size, sent, sent_size = hashlib.sha256(), 0, hashlib.sha256(), 0
        for piece in self.pieces():
            if got_size == 0 and self.path.startswith("/upload"):
                say({"receiving": self.path})
            got.update(piece)
            got_size += len(piece)
        query = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        chunks = int(query.get("chunks", 0))
        self.send_response(200)
        self.send_header("x-answer-to", self.path)
        if chunks:
            self.send_header("content-type", "text/event-stream")
            self.send_header("transfer-encoding", "chunked")
            self.end_headers()
            for i in range(chunks):
                if i == int(query.get("hold", -1)):
                    say({"holding": self.path})
                    go_on.wait()
                piece = f'data: {{"word":"word{i}"}}\n\n'.encode()
                self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))
                sent.update(piece)
                sent_size += len(piece)
                time.sleep(int(query.get("gap", 0)) / 1000)
            self.wfile.write(b"0\r\n\r\n")
        else:
            body = bytes_of(self.path, int(query.get("size", 2)))
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            sent.update(body)
            sent_size = len(body)
        say(
            {
                "method": self.command,
                "path": self.path,
                "protocol": "HTTP/1.1",
                "request_size": got_size,
                "request_sha256": got.hexdigest(),
                "response_size": sent_size,
                "response_sha256": sent.hexdigest(),
            }
        )

    do_GET = do_POST = answer


context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(f"{tls}/server.pem", f"{tls}/server.key")
server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
print(server.server_address[1], flush=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
for _ in sys.stdin:
    go_on.set()
