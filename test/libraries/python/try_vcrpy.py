"""VCR.py: the first run is recorded, the second one is played without a wire."""
import os
import tempfile

import httpx
import requests
import vcr

URL = os.environ["PROVIDER_URL"] + "/v1/chat/completions"
ask = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "What is the answer?"}]}
with tempfile.TemporaryDirectory() as folder:
    for library in (requests, httpx):
        tape = os.path.join(folder, f"{library.__name__}.yaml")
        for mode in ("once", "none"):
            with vcr.use_cassette(tape, record_mode=mode) as cassette:
                answer = library.post(URL, json=ask).json()
                print(library.__name__, mode, answer["usage"]["total_tokens"], cassette.play_count, len(cassette))
