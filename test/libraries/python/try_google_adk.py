"""Google's ADK: an agent with a tool on Gemini."""
import asyncio
import os

os.environ["GOOGLE_GEMINI_BASE_URL"] = os.environ["PROVIDER_URL"]
os.environ["GOOGLE_API_KEY"] = "k"
from google.adk.agents import LlmAgent
from google.adk.runners import InMemoryRunner
from google.genai import types


def weather(city: str) -> str:
    """The weather of a city."""
    return f"sunny in {city}"


async def main():
    agent = LlmAgent(name="helper", model="gemini-2.5-flash", instruction="You help.", tools=[weather])
    runner = InMemoryRunner(agent=agent, app_name="app")
    session = await runner.session_service.create_session(app_name="app", user_id="one")
    message = types.Content(role="user", parts=[types.Part(text="<<tool: weather>>")])
    async for event in runner.run_async(user_id="one", session_id=session.id, new_message=message):
        print(event.author, [part.text or "tool" for part in event.content.parts])


asyncio.run(main())
