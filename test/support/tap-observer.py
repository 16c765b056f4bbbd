"""A reference observer for the tests of taps: it writes down the frames that it gets and decides nothing.

python3 tap-observer.py --socket PATH --out FILE [--say TEXT] [--slow SECONDS] [--refuse-done]

Listens on PATH (and reads descriptor 3, when a tap has started it), appends one JSON line a frame to FILE:
{"connection", "kind", "flags", "channel", "time", "json" | "data" (base64)}. It ends when no tap is left.
"""

import base64
import json
import os
import selectors
import socket
import struct
import sys
import time

HEAD = struct.Struct("<IBBHIQ")
JSON_KINDS = (1, 2, 3, 6, 10, 11, 13)


def option(name, default=None):
    return sys.argv[sys.argv.index(name) + 1] if name in sys.argv else default


def main():
    out = open(option("--out"), "a", buffering=1)
    choose = selectors.DefaultSelector()
    taps = {}

    def add(sock):
        sock.setblocking(False)
        taps[sock] = ["%d.%d" % (os.getpid(), len(seen)), b""]
        seen.append(sock.fileno())
        choose.register(sock, selectors.EVENT_READ)
        if option("--say"):
            text = option("--say").encode()
            sock.send(HEAD.pack(len(text), 32, 0, 0, 0, 0) + text)

    seen = []
    server = None
    path = option("--socket")
    if path:
        server = socket.socket(socket.AF_UNIX)
        try:
            server.bind(path)
            server.listen(128)
            choose.register(server, selectors.EVENT_READ)
        except OSError:
            server = None
    try:
        add(socket.socket(fileno=os.dup(3)) if os.path.exists("/proc/self/fd/3") and started_by_tap() else None)
        alone = True
    except AttributeError:
        alone = False
    print("ready", flush=True)
    time.sleep(float(option("--slow", "0")))
    while True:
        for key, _ in choose.select(10 if alone else None):
            if key.fileobj is server:
                add(server.accept()[0])
                continue
            sock = key.fileobj
            try:
                data = sock.recv(1 << 20)
            except ConnectionResetError:
                data = b""
            state = taps[sock]
            state[1] += data
            while len(state[1]) >= HEAD.size:
                size, kind, flags, _, channel, at = HEAD.unpack_from(state[1])
                if len(state[1]) < HEAD.size + size:
                    break
                payload, state[1] = state[1][HEAD.size : HEAD.size + size], state[1][HEAD.size + size :]
                line = {"connection": state[0], "kind": kind, "flags": flags, "channel": channel, "time": str(at)}
                if kind in JSON_KINDS:
                    line["json"] = json.loads(payload)
                else:
                    line["data"] = base64.b64encode(payload).decode()
                out.write(json.dumps(line) + "\n")
                if kind == 12 and flags & 8 and "--refuse-done" not in sys.argv:
                    answer = b'{"delivered":true}'
                    sock.send(HEAD.pack(len(answer), 33, 0, 0, 0, 0) + answer)
            if not data:
                choose.unregister(sock)
                sock.close()
                del taps[sock]
                if alone and not taps:
                    return


def started_by_tap():
    try:
        return (
            os.readlink("/proc/self/fd/3").startswith("socket:")
            and os.environ.get("OPENLIT_INSTRUMENT_DISABLED") == "1"
        )
    except OSError:
        return False


main()
