"""One call, then the ending that the first word names."""

import atexit
import os
import signal
import sys
import threading
import time

import openai


def call():
    openai.OpenAI(max_retries=0).chat.completions.create(
        model="gpt-4o-mini", messages=[{"role": "user", "content": "hi"}]
    )


def main(ending):
    if ending == "thread":
        threading.Thread(target=call).start()
        return
    if ending == "atexit":
        atexit.register(call)
        return
    if ending == "own-handler":
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    call()
    if ending == "exit":
        sys.exit(3)
    if ending == "throw":
        raise RuntimeError("planned")
    if ending == "interrupt":
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(5)
    if ending == "own-handler":
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(5)
    if ending in ("os-exit", "term", "kill"):
        # What ended longer than 200 ms ago is safe, whatever comes.
        time.sleep(float(sys.argv[2]))
        if ending == "os-exit":
            os._exit(4)
        os.kill(os.getpid(), signal.SIGTERM if ending == "term" else signal.SIGKILL)
        time.sleep(5)
    print("end")


if __name__ == "__main__":
    main(sys.argv[1])
