"""The SDK as it is: `openlit.init()`, then the steps of `openai_steps.py`."""

import runpy
import sys

import openlit

openlit.init()
sys.argv = sys.argv[1:]
try:
    runpy.run_path(sys.argv[0], run_name="__main__")
finally:
    from opentelemetry import trace

    trace.get_tracer_provider().force_flush()
