"""What a bad observer does to httpx; the looks must find each of it."""

import sys
import warnings

import httpx

real = httpx.Client.send


class Answer(httpx.Response):
    pass


def send(self, *args, **kwargs):
    warnings.warn("planted", UserWarning, stacklevel=1)
    answer = real(self, *args, **kwargs)
    if not kwargs.get("stream"):
        answer.__class__ = Answer
        answer.planted = lambda: None
    return answer


httpx.Client.send = send
sys.meta_path.append(type("Planted", (), {"find_spec": staticmethod(lambda *_: None)}))
