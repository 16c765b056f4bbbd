"""One framework with an agent and a tool, named by the first argument."""
import asyncio
import json
import os
import sys

from local_model import serve

BASE = serve()
os.environ["OPENAI_API_KEY"] = "k"


def openai_agents():
    from agents import Agent, OpenAIChatCompletionsModel, Runner, function_tool, set_trace_processors, set_tracing_disabled
    from openai import AsyncOpenAI

    # As programs do that use another provider's models, or another backend.
    set_tracing_disabled(True) if "untraced" in sys.argv else set_trace_processors([])

    @function_tool
    def weather(city: str) -> str:
        """Tells the weather."""
        return "SECRETSUN"

    model = OpenAIChatCompletionsModel("gpt-4o-mini", AsyncOpenAI(base_url=BASE))
    helper = Agent(name="helper", model=model, tools=[weather])

    async def main():
        print((await Runner.run(helper, "SECRETPROMPT")).final_output)
        streamed = Runner.run_streamed(helper, "SECRETPROMPT")
        async for _ in streamed.stream_events():
            pass

    asyncio.run(main())


def pydantic_ai():
    from opentelemetry import trace
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import ConsoleSpanExporter, SimpleSpanProcessor
    from pydantic_ai import Agent
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.providers.openai import OpenAIProvider

    agent = Agent(OpenAIChatModel("gpt-4o-mini", provider=OpenAIProvider(base_url=BASE)), name="helper")
    provider = TracerProvider()
    shown = lambda span: json.dumps([span.name, span.parent is None]) + "\n"  # noqa: E731
    provider.add_span_processor(SimpleSpanProcessor(ConsoleSpanExporter(formatter=shown)))
    own = provider.get_tracer("own")

    @agent.tool_plain
    def weather(city: str) -> str:
        """Tells the weather."""
        # What the program itself traces keeps the parent that it has without us.
        with own.start_as_current_span("lookup"):
            print(trace.get_current_span().get_span_context().is_valid)
        return "SECRETSUN"

    print(agent.run_sync("SECRETPROMPT").output)

    async def main():
        async with agent.run_stream("SECRETPROMPT") as run:
            print(await run.get_output())

    asyncio.run(main())
    with own.start_as_current_span("request"):
        print(agent.run_sync("SECRETPROMPT").output)


def haystack():
    from haystack import Pipeline
    from haystack.components.agents import Agent
    from haystack.components.builders import ChatPromptBuilder
    from haystack.components.generators.chat import OpenAIChatGenerator
    from haystack.dataclasses import ChatMessage
    from haystack.tools import create_tool_from_function

    def weather(city: str) -> str:
        """Tells the weather."""
        return "SECRETSUN"

    pipeline = Pipeline()
    pipeline.add_component("prompt", ChatPromptBuilder(template=[ChatMessage.from_user("SECRETPROMPT {{x}}")]))
    pipeline.add_component("writer", OpenAIChatGenerator(api_base_url=BASE))
    pipeline.connect("prompt.prompt", "writer.messages")
    print(pipeline.run({"prompt": {"x": "y"}})["writer"]["replies"][0].text)
    agent = Agent(chat_generator=OpenAIChatGenerator(api_base_url=BASE), tools=[create_tool_from_function(weather)])
    print(agent.run(messages=[ChatMessage.from_user("SECRETPROMPT")])["messages"][-1].text)


globals()[sys.argv[1]]()
