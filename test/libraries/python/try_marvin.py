"""Marvin: an agent of Pydantic AI behind a function."""
import os

os.environ["MARVIN_DATABASE_URL"] = "sqlite+aiosqlite:///:memory:"
import marvin
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider

provider = OpenAIProvider(base_url=os.environ["PROVIDER_URL"] + "/v1", api_key="k")
agent = marvin.Agent(name="helper", model=OpenAIChatModel("gpt-4o-mini", provider=provider))
print(marvin.run("Say it. <<tool: MarkTaskSuccessful>>", agents=[agent], handlers=[]))
