"""Logfire beside us, with its OpenAI instrumentation and nothing sent: its spans are the program's own."""
import os

import logfire
import openai
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

kept = InMemorySpanExporter()
logfire.configure(send_to_logfire=False, console=False, additional_span_processors=[SimpleSpanProcessor(kept)])
client = openai.OpenAI(base_url=os.environ["PROVIDER_URL"] + "/v1", api_key="k", max_retries=0)
logfire.instrument_openai(client)
with logfire.span("outer"):
    answer = client.chat.completions.create(model="gpt-4o-mini", messages=[{"role": "user", "content": "Hi?"}])
print(answer.choices[0].message.content)
print([(span.name, span.parent is not None) for span in kept.get_finished_spans()])
