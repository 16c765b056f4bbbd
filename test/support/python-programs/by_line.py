"""One answer for each line of stdin, with nothing but the standard library; the end of stdin is the end."""

import http.client
import json
import os
import subprocess
import sys
from urllib.parse import urlsplit


def call(where="default", pad=0):
    url = urlsplit(where if where != "default" else os.environ["PROVIDER_URL"] + "/openai/v1/chat/completions")
    connection = http.client.HTTPConnection(url.hostname, url.port)
    content = "x" * int(pad) or "hi"
    body = json.dumps({"model": "gpt-4o-mini", "messages": [{"role": "user", "content": content}]})
    connection.request("POST", url.path, body, {"content-type": "application/json"})
    response = connection.getresponse()
    response.read()
    connection.close()
    return response.status


def calls(count, *more):
    """Calls, one after the other."""
    return [call(*more) for _ in range(int(count))][-1]


def state():
    """What a program can see of its own process; the descriptor is what the next `open` gets."""
    descriptor = os.open(os.devnull, os.O_RDONLY)
    os.close(descriptor)
    try:
        os.waitpid(-1, os.WNOHANG)
        children = True
    except ChildProcessError:
        children = False
    return json.dumps(
        {
            "descriptor": descriptor,
            "children": children,
            "threads": len(os.listdir("/proc/self/task")),
            "directory": os.getcwd(),
            "session": os.getsid(0),
        }
    )


def child(*words):
    """The same program in a process of its own makes a call."""
    return subprocess.run(words, input="call\n", capture_output=True, text=True).stdout.strip()


def main():
    answers = {"call": call, "calls": calls, "child": child, "state": state}
    for line in sys.stdin:
        word, *rest = line.split()
        print(answers[word](*rest), flush=True)


if __name__ == "__main__":
    main()
