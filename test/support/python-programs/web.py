"""An ASGI and a WSGI application; every request makes one call."""

import openai

client = None


def call():
    global client
    client = client or openai.OpenAI(max_retries=0)
    answer = client.chat.completions.create(model="gpt-4o-mini", messages=[{"role": "user", "content": "hi"}])
    return answer.choices[0].message.content.encode()


async def asgi(scope, receive, send):
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            await send({"type": message["type"] + ".complete"})
            if message["type"] == "lifespan.shutdown":
                return
    import asyncio

    body = await asyncio.get_running_loop().run_in_executor(None, call)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"connection", b"close")]})
    await send({"type": "http.response.body", "body": body})


def wsgi(environ, start_response):
    body = call()
    start_response("200 OK", [("content-length", str(len(body)))])
    return [body]
