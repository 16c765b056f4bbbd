"""Frameworks that report what they do by OpenTelemetry: they get a tracer of ours, in private."""
import sys

from . import otel, spans


def own_tracer(scope, module, attribute):
    """Frameworks that report to the global provider from the start. Where the program has set one, it keeps their spans.

    :param scope: name of the framework
    :param attribute: what the module has: `opentelemetry.trace` itself, or a tracer
    """
    real, tracer = getattr(sys.modules[module], attribute), otel.Tracer(scope, yields=True)
    setattr(sys.modules[module], attribute, otel.private(real, tracer) if hasattr(real, "get_tracer_provider") else tracer)


def pydantic_ai():
    """Seen by the program as `Agent._instrument_default`. What it sets itself, for all agents or one, wins."""
    from opentelemetry.metrics import NoOpMeterProvider
    from pydantic_ai import Agent
    from pydantic_ai.models.instrumented import InstrumentationSettings

    if not Agent._instrument_default:
        given = {"tracer_provider": otel.Provider(otel.Tracer("pydantic-ai")), "meter_provider": NoOpMeterProvider()}
        Agent.instrument_all(InstrumentationSettings(include_content=spans.content(), **given))
