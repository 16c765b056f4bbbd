"""A model in the process, seen by OpenLIT's SDK; what the program finds under our copy's names is its own."""
import os
import pickle
import sys

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "stand-ins")
sys.path.append(HERE)
import gpt4all  # noqa: E402

print(gpt4all.GPT4All("/models/tiny.gguf").generate("SECRETPROMPT"))
print(gpt4all.GPT4All(None).generate("SECRETPROMPT"))
try:
    gpt4all.GPT4All("/models/tiny.gguf").generate("fail")
except ValueError as error:
    print(error)
print(sorted(name for name in sys.modules if name.startswith("openlit")))
function = lambda: None  # noqa: E731
# Asks every loaded module for the name, with getattr.
function.__module__ = None
function.__qualname__ = "nowhere"
try:
    pickle.dumps(function)
except (pickle.PicklingError, AttributeError) as error:
    print(type(error).__name__)
for name in ("openlit", "wrapt.nothing"):
    try:
        __import__(name)
    except ImportError as error:
        print(type(error).__name__)
sys.path.append(os.path.join(HERE, "own"))
import openlit  # noqa: E402

print(openlit.MINE, openlit.__file__.startswith(HERE))
print(gpt4all.GPT4All("/models/late.gguf").generate("SECRETPROMPT"))
