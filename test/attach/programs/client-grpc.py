"""Calls over gRPC with messages that are given whole: client-grpc.py PORT CERTIFICATE, then one line `METHOD HEX` a call.

A method that ends in `Chunk` streams. No description of messages is needed: they pass as bytes.
"""

import json
import os
import sys

import grpc

port, certificate = sys.argv[1:]
same = bytes
with open(certificate, "rb") as handle:
    credentials = grpc.ssl_channel_credentials(handle.read())
options = [("grpc.ssl_target_name_override", "localhost")]
channel = grpc.secure_channel("127.0.0.1:" + port, credentials, options)
print(json.dumps({"ready": os.getpid()}), flush=True)
sys.stdin.readline()
for line in sys.stdin:
    method, message = line.split()
    streams = method.endswith("Chunk")
    kind = channel.unary_stream if streams else channel.unary_unary
    call = kind(method, request_serializer=same, response_deserializer=same)
    try:
        answer = call(bytes.fromhex(message), timeout=20)
        print(sum(len(each) for each in answer) if streams else len(answer), flush=True)
    except grpc.RpcError as error:
        print(error.code().name, flush=True)
print("done", flush=True)
