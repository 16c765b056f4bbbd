"""CrewAI: a crew of one agent with a tool and one task."""
import os

from crewai import LLM, Agent, Crew, Task
from crewai.tools import tool

model = LLM(model="openai/gpt-4o-mini", base_url=os.environ["PROVIDER_URL"] + "/v1", api_key="k")


@tool("weather")
def weather(city: str) -> str:
    """The weather of a city."""
    return f"sunny in {city}"


agent = Agent(role="Helper", goal="Help", backstory="You help.", llm=model, tools=[weather], max_iter=3)
task = Task(description="<<tool: weather>>", expected_output="A sentence", agent=agent)
crew = Crew(agents=[agent], tasks=[task], verbose=False)
result = crew.kickoff()
print(result.raw, result.token_usage.successful_requests)
