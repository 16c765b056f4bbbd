"""In a network and mount namespace of its own: brings up loopback, makes the first word's folder read-only, runs the rest."""

import fcntl
import os
import socket
import struct
import subprocess
import sys

SIOCSIFFLAGS = 0x8914
IFF_UP = 1

with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as handle:
    fcntl.ioctl(handle, SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", IFF_UP))
folder = sys.argv[1]
subprocess.check_call(["mount", "--bind", folder, folder])
subprocess.check_call(["mount", "-o", "remount,bind,ro", folder])
os.execvp(sys.argv[2], sys.argv[2:])
