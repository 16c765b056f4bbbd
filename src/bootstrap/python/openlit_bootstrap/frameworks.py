"""Frameworks that report what they do by OpenTelemetry: they get a tracer of ours, in private."""
import sys

from . import otel, spans


def own_tracer(scope, module, attribute):
    """Frameworks that report to the global provider from the start. Where the program has set one, it keeps their spans.

    :param scope: name of the framework
    :param attribute: what the module has: `opentelemetry.trace` itself, or a tracer
    """
    there = sys.modules[module]
    real = getattr(there, attribute)
    provider = otel.Provider(yields=True)
    ours = otel.private(real, provider, scope) if hasattr(real, "get_tracer_provider") else provider.get_tracer(scope)
    setattr(there, attribute, ours)


def pydantic_ai():
    """Seen by the program as `Agent._instrument_default`. What it sets itself, for all agents or one, wins."""
    from opentelemetry.metrics import NoOpMeterProvider
    from pydantic_ai.models.instrumented import InstrumentationSettings

    agent = sys.modules["pydantic_ai.agent"].Agent
    if not agent._instrument_default:
        quiet = NoOpMeterProvider()
        settings = InstrumentationSettings(
            tracer_provider=otel.Provider(), meter_provider=quiet, include_content=spans.content()
        )
        agent.instrument_all(settings)
