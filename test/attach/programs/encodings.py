"""usage: encodings.py PORT ENCODINGS. Says {"ready": pid}; after a line it asks for a chat completion in each encoding, whole and
streamed, and says {"id", "text"} of what it decoded. httpx itself stops at the end of a zstd frame, and Node sends two."""

import gzip
import io
import json
import os
import sys
import zlib

import brotli
import httpx
import zstandard

port, encodings = sys.argv[1:]
DECODERS = {
    "gzip": gzip.decompress,
    "deflate": zlib.decompress,
    "br": brotli.decompress,
    "zstd": lambda raw: zstandard.ZstdDecompressor().stream_reader(io.BytesIO(raw), read_across_frames=True).read(),
}
print(json.dumps({"ready": os.getpid()}), flush=True)
sys.stdin.readline()


def text_of(body):
    if not body.startswith("data:"):
        return json.loads(body)["choices"][0]["message"]["content"]
    events = [json.loads(event[6:]) for event in body.split("\n\n") if event.startswith("data: {")]
    return "".join(each["choices"][0]["delta"].get("content") or "" for each in events if each["choices"])


with httpx.Client(verify=False) as client:
    for encoding in encodings.split(","):
        for stream in (False, True):
            body = {"model": "gpt-4o", "messages": [{"role": "user", "content": "hi"}]} | (
                {"stream": True} if stream else {}
            )
            url = f"https://127.0.0.1:{port}/v1/chat/completions?enc={encoding}{'&stream=1' if stream else ''}"
            with client.stream("POST", url, json=body, headers={"host": "api.openai.com"}) as answer:
                decoded = DECODERS[answer.headers["content-encoding"]](b"".join(answer.iter_raw())).decode()
            print(json.dumps({"id": f"{encoding} {str(stream).lower()}", "text": text_of(decoded)}), flush=True)
print("done", flush=True)
sys.stdin.readline()
