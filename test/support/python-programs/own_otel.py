"""A program with OpenTelemetry of its own, set up before or after the import of openai; its spans go to its own list."""

import random
import sys


def set_up():
    from opentelemetry import trace
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    return exporter


random.seed(7)
if sys.argv[1] == "before":
    mine = set_up()
import openai

if sys.argv[1] == "after":
    mine = set_up()
from opentelemetry import trace

with trace.get_tracer("app").start_as_current_span("work") as span:
    openai.OpenAI(max_retries=0).chat.completions.create(
        model="gpt-4o-mini", messages=[{"role": "user", "content": "hi"}]
    )
print([each.name for each in mine.get_finished_spans()])
print("seeded", random.getrandbits(64))
sys.stderr.write("%032x %016x\n" % (span.get_span_context().trace_id, span.get_span_context().span_id))
