"""Calls with the real `openai` client, by name; the first word chooses the synchronous or the asynchronous one."""

import asyncio
import sys

import openai

MESSAGES = [{"role": "user", "content": "hi"}]
TOOL = {
    "type": "function",
    "function": {"name": "weather", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}},
}
USAGE = {"stream_options": {"include_usage": True}}


def text_of(chunks):
    return "".join((c.choices[0].delta.content or "") if c.choices else "" for c in chunks)


class Sync:
    def __init__(self):
        self.c = openai.OpenAI(max_retries=0)
        self.create = self.c.chat.completions.create

    def chat(self):
        return self.create(model="gpt-4o-mini", messages=MESSAGES, temperature=0).choices[0].message.content

    def tools(self):
        answer = self.create(model="gpt-4o-mini", messages=MESSAGES, tools=[TOOL])
        return answer.choices[0].message.tool_calls[0].function.arguments

    def stream(self):
        return text_of(self.create(model="gpt-4o-mini", messages=MESSAGES, stream=True, **USAGE))

    def stream_without_usage(self):
        return text_of(self.create(model="gpt-4o", messages=MESSAGES, stream=True))

    def stream_left(self):
        for _ in self.create(model="gpt-4o-long", messages=MESSAGES, stream=True):
            break
        return "left"

    def stream_closed(self):
        stream = self.create(model="gpt-4o-long", messages=MESSAGES, stream=True)
        next(stream)
        stream.close()
        return "closed"

    def stream_with(self):
        with self.create(model="gpt-4o-long", messages=MESSAGES, stream=True) as stream:
            for _ in stream:
                break
        return "left"

    def stream_dropped(self):
        stream = self.create(model="gpt-4o-long", messages=MESSAGES, stream=True)
        next(stream)
        del stream
        return "dropped"

    def stream_broken(self):
        try:
            return text_of(self.create(model="gpt-4o-broken", messages=MESSAGES, stream=True))
        except Exception as error:
            return type(error).__name__

    def stream_type(self):
        stream = self.create(model="gpt-4o-mini", messages=MESSAGES, stream=True, **USAGE)
        name = "%s %s" % (type(stream).__name__, isinstance(stream, openai.Stream))
        for _ in stream:
            pass
        return name

    def raw(self):
        return self.c.chat.completions.with_raw_response.create(model="gpt-4o-mini", messages=MESSAGES).parse().id

    def streamed_response(self):
        create = self.c.chat.completions.with_streaming_response.create
        with create(model="gpt-4o-mini", messages=MESSAGES) as response:
            return response.parse().id

    def responses(self):
        return self.c.responses.create(model="gpt-4.1-mini", input="hi").output_text

    def responses_stream(self):
        events = self.c.responses.create(model="gpt-4.1-mini", input="hi", stream=True)
        return "".join(e.delta for e in events if e.type == "response.output_text.delta")

    def embeddings(self):
        answer = self.c.embeddings.create(model="text-embedding-3-small", input="hi")
        return len(answer.data[0].embedding)

    def error(self):
        try:
            self.create(model="error-401", messages=MESSAGES)
        except Exception as error:
            return "%s %s" % (type(error).__name__, error.status_code)

    def refused(self):
        try:
            openai.OpenAI(max_retries=0, base_url="http://127.0.0.1:9/v1").chat.completions.create(
                model="gpt-4o-mini", messages=MESSAGES
            )
        except Exception as error:
            return type(error).__name__

    def models(self):
        return self.c.models.list().data[0].id


class Async:
    def __init__(self):
        self.c = openai.AsyncOpenAI(max_retries=0)
        self.create = self.c.chat.completions.create

    async def chat(self):
        answer = await self.create(model="gpt-4o-mini", messages=MESSAGES, temperature=0)
        return answer.choices[0].message.content

    async def tools(self):
        answer = await self.create(model="gpt-4o-mini", messages=MESSAGES, tools=[TOOL])
        return answer.choices[0].message.tool_calls[0].function.arguments

    async def stream(self):
        stream = await self.create(model="gpt-4o-mini", messages=MESSAGES, stream=True, **USAGE)
        return text_of([c async for c in stream])

    async def stream_without_usage(self):
        stream = await self.create(model="gpt-4o", messages=MESSAGES, stream=True)
        return text_of([c async for c in stream])

    async def stream_closed(self):
        stream = await self.create(model="gpt-4o-long", messages=MESSAGES, stream=True)
        async for _ in stream:
            await stream.close()
            break
        return "closed"

    async def gather(self):
        asked = [self.create(model="gpt-4o-mini", messages=MESSAGES) for _ in range(8)]
        return len(await asyncio.gather(*asked))

    async def responses(self):
        return (await self.c.responses.create(model="gpt-4.1-mini", input="hi")).output_text

    async def responses_stream(self):
        events = await self.c.responses.create(model="gpt-4.1-mini", input="hi", stream=True)
        return "".join([e.delta async for e in events if e.type == "response.output_text.delta"])

    async def embeddings(self):
        answer = await self.c.embeddings.create(model="text-embedding-3-small", input="hi")
        return len(answer.data[0].embedding)

    async def error(self):
        try:
            await self.create(model="error-401", messages=MESSAGES)
        except Exception as error:
            return "%s %s" % (type(error).__name__, error.status_code)


def main():
    kind, names = sys.argv[1], sys.argv[2:]
    if kind == "sync":
        client = Sync()
        for name in names:
            print(name, getattr(client, name)())
    else:

        async def steps():
            client = Async()
            for name in names:
                print(name, await getattr(client, name)())

        asyncio.run(steps())


main()
