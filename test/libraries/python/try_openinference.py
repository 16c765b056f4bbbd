"""OpenInference's instrumentation of OpenAI's client, set up by the program: it keeps its spans and its exporter."""
import os

import openai
from openinference.instrumentation.openai import OpenAIInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

kept = InMemorySpanExporter()
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(kept))
OpenAIInstrumentor().instrument(tracer_provider=provider)
client = openai.OpenAI(base_url=os.environ["PROVIDER_URL"] + "/v1", api_key="k", max_retries=0)
answer = client.chat.completions.create(model="gpt-4o-mini", messages=[{"role": "user", "content": "Hi?"}])
print(answer.choices[0].message.content)
print([(span.name, len(span.attributes) > 5) for span in kept.get_finished_spans()])
