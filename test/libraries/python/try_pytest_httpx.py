"""pytest-httpx: a test of a program that calls OpenAI passes as without us."""
import os
import sys
import tempfile

import pytest

TEST = '''
import openai, httpx

def test_call(httpx_mock):
    httpx_mock.add_response(url="https://api.openai.com/v1/chat/completions", json={"model": "mocked"})
    answer = httpx.post("https://api.openai.com/v1/chat/completions", json={"model": "m", "messages": []})
    assert answer.json() == {"model": "mocked"}
    (request,) = httpx_mock.get_requests()
    assert request.headers["content-length"] == "27"
'''
with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "test_it.py")
    with open(path, "w") as file:
        file.write(TEST)
    sys.exit(pytest.main(["-q", "--no-header", "-p", "no:cacheprovider", "--durations=0", "--durations-min=99", path]))
