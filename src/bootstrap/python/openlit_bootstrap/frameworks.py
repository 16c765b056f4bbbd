"""Frameworks that report what they do by OpenTelemetry: they get a tracer of ours, in private."""
from . import libraries, otel, spans

# What their modules have: `opentelemetry.trace` itself, or a tracer.
_TRACED = {
    "strands.telemetry.tracer": "trace_api",
    "agent_framework.observability": "trace",
    "google.adk.telemetry.tracing": "tracer",
    "mcp.shared._otel": "_tracer",
}


def own_tracer(module):
    """Frameworks that report to the global provider from the start. Where the program has set one, it keeps their spans."""
    attribute, tracer = _TRACED[module.__name__], otel.Tracer(libraries.ROWS[module.__name__][0], yields=True)
    real = getattr(module, attribute)
    setattr(module, attribute, otel.private(real, tracer) if hasattr(real, "get_tracer_provider") else tracer)


def pydantic_ai(module):
    """Seen by the program as `Agent._instrument_default`. What it sets itself, for all agents or one, wins."""
    from opentelemetry.metrics import NoOpMeterProvider
    from pydantic_ai.models.instrumented import InstrumentationSettings

    if not module.Agent._instrument_default:
        given = {"tracer_provider": otel.Provider(otel.Tracer("pydantic-ai")), "meter_provider": NoOpMeterProvider()}
        module.Agent.instrument_all(InstrumentationSettings(include_content=spans.content(), **given))
