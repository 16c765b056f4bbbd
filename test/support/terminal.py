"""Runs a command on a new terminal and plays a script of keys against it.

usage: terminal.py SCRIPT COMMAND...   (SCRIPT: JSON list of {"see": text, "send": text} or {"see": text, "resize": [rows, columns]}
or {"see": text, "run": [command]})
Prints {"output": text, "status": exit status or -signal} as JSON. A step that is not seen within 20 s ends the run.
"""

import fcntl
import json
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time

steps = json.loads(sys.argv[1])
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(sys.argv[2], sys.argv[2:])

output = b""
seen = 0
deadline = time.time() + 20
while True:
    while steps and output.find(steps[0]["see"].encode(), seen) >= 0:
        step = steps.pop(0)
        seen = output.find(step["see"].encode(), seen) + len(step["see"])
        if "resize" in step:
            rows, columns = step["resize"]
            fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        if "run" in step:
            subprocess.run(step["run"], check=True)
        if "send" in step:
            os.write(terminal, step["send"].encode())
        deadline = time.time() + 20
    if not select.select([terminal], [], [], max(0, deadline - time.time()))[0]:
        break
    try:
        data = os.read(terminal, 65536)
    except OSError:
        break
    if not data:
        break
    output += data
timed_out = time.time() >= deadline
if timed_out:
    os.kill(pid, 9)
status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) if hasattr(os, "waitstatus_to_exitcode") else None
print(json.dumps({"output": output.decode("utf-8", "replace"), "status": status, "timed_out": timed_out}))
