"""Three kinds of call with the official client: a question, a stream, and a tool that the model asks for.

    pip install -r requirements.txt
    openlit-instrument python app.py

It talks to whatever OPENAI_BASE_URL and OPENAI_API_KEY say; nothing in here knows of OpenTelemetry.
"""

import json

from openai import OpenAI

MODEL = "gpt-4o-mini"
TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "get_weather",
            "description": "Current weather of a place",
            "parameters": {
                "type": "object",
                "properties": {"city": {"type": "string"}},
                "required": ["city"],
            },
        },
    }
]


def get_weather(city: str) -> dict:
    """What a real tool would look up."""
    return {"celsius": 21, "sky": "clear"}


def ask(client: OpenAI) -> None:
    answer = client.chat.completions.create(
        model=MODEL,
        messages=[{"role": "user", "content": "Name the largest moon of Saturn."}],
        temperature=0.2,
        max_tokens=50,
    )
    print("answer:", answer.choices[0].message.content)


def stream(client: OpenAI) -> None:
    chunks = client.chat.completions.create(
        model=MODEL,
        messages=[{"role": "user", "content": "Write a haiku about tides, in English."}],
        stream=True,
        stream_options={"include_usage": True},
    )
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    print("stream:", text.replace("\n", " / "))


def use_tool(client: OpenAI) -> None:
    messages = [{"role": "user", "content": "What is the weather in Lisbon?"}]
    first = client.chat.completions.create(model=MODEL, messages=messages, tools=TOOLS)
    messages.append(first.choices[0].message.model_dump(exclude_none=True))
    for call in first.choices[0].message.tool_calls or []:
        result = get_weather(**json.loads(call.function.arguments))
        messages.append({"role": "tool", "tool_call_id": call.id, "content": json.dumps(result)})
    second = client.chat.completions.create(model=MODEL, messages=messages, tools=TOOLS)
    print("tool:  ", second.choices[0].message.content)


def main() -> None:
    client = OpenAI(max_retries=0)
    ask(client)
    stream(client)
    use_tool(client)


if __name__ == "__main__":
    main()
