"""`calls.py MILLISECONDS ENDING`: calls one after another for that long (0: one call), prints when each was over, ends so."""

import os
import signal
import sys
import time

import openai

client = openai.OpenAI(max_retries=0)
until, ending = time.time() + int(sys.argv[1]) / 1000, sys.argv[2]
while True:
    client.chat.completions.create(model="gpt-4o-mini", messages=[{"role": "user", "content": "hi"}])
    os.write(1, b"%d\n" % time.time_ns())
    if time.time() >= until:
        break
    time.sleep(0.005)
if ending == "wait":
    time.sleep(60)
os.write(1, b"end %d\n" % time.time_ns())
if ending == "_exit":
    os._exit(0)
os.kill(os.getpid(), getattr(signal, ending))
time.sleep(60)
