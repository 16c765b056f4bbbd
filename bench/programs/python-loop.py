"""Calls of openai's client, one after another: `python-loop.py PORT chat|stream|other [CALLS]`. Prints one line of JSON:
{cpu: microseconds of this process a call, all threads; memory: MB resident before the first call and at the end}.
The time is the median call's: what other programs of the machine do to some of the calls is not in it."""

import json
import statistics
import sys
import time

import openai

port, mode, calls = sys.argv[1], sys.argv[2], int((sys.argv[3:] or ["300"])[0])
client = openai.OpenAI(
    api_key="sk-bench",
    base_url="http://127.0.0.1:%s/v1" % port,
    max_retries=0,
    default_headers={"x-stream": "1"} if mode == "stream" else {},
)
messages = [{"role": "user", "content": "Explain the tides to a child of eight years, in four short sentences. " * 10}]


def resident():
    with open("/proc/self/status") as status:
        return int(next(line for line in status if line.startswith("VmRSS")).split()[1]) / 1024


def call():
    if mode == "other":
        client.post("/orders", body={"order": 1, "text": messages[0]["content"]}, cast_to=object)
    elif mode == "stream":
        for _ in client.chat.completions.create(model="gpt-4o-mini", messages=messages, stream=True):
            pass
    else:
        client.chat.completions.create(model="gpt-4o-mini", messages=messages)


before = resident()
for _ in range(calls // 5):
    call()
times = []
for _ in range(calls):
    start = time.process_time_ns()
    call()
    times.append(time.process_time_ns() - start)
cpu = statistics.median(times) / 1e3
print(json.dumps({"cpu": cpu, "before": before, "memory": resident()}))
