"""System calls that have nothing to do with HTTP. For each line "<seconds> <calls/s>" on stdin: reads of one byte from a pipe that
it writes itself, and one line "done <calls> <seconds>" on stdout."""

import os
import sys
import time

take, give = os.pipe()
print("ready", flush=True)
for line in sys.stdin:
    seconds, rate = map(float, line.split())
    n, begin = 0, time.monotonic()
    while (now := time.monotonic()) < begin + seconds:
        if n / rate > now - begin:
            time.sleep(n / rate - (now - begin))
        for _ in range(50):
            os.write(give, b"x")
            os.read(take, 1)
        n += 100
    print("done", n, time.monotonic() - begin, flush=True)
