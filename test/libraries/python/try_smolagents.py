"""smolagents: an agent that calls tools, and one that writes code."""
import os

from smolagents import CodeAgent, OpenAIServerModel, ToolCallingAgent, tool

model = OpenAIServerModel("gpt-4o-mini", api_base=os.environ["PROVIDER_URL"] + "/v1", api_key="k")


@tool
def weather(city: str) -> str:
    """The weather of a city.

    Args:
        city: Its name.
    """
    return f"sunny in {city}"


agent = ToolCallingAgent(tools=[weather], model=model, max_steps=3, verbosity_level=0)
print(agent.run("<<tool: final_answer>>"))
agent = CodeAgent(tools=[weather], model=model, max_steps=2, verbosity_level=0)
print(agent.run("<<say: <code>final_answer(weather('Paris'))</code> >>"))
