"""httpx: sync, async and HTTP/2-ready clients, streams read by bytes, lines and left early; an own transport."""
import asyncio
import json
import os

import httpx

URL = os.environ["PROVIDER_URL"] + "/v1/chat/completions"
ask = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "What is the answer?"}]}
streamed = {**ask, "stream": True}

response = httpx.post(URL, json=ask)
print(type(response).__name__, response.status_code, response.json()["usage"]["total_tokens"], response.is_closed)
print(response.extensions["http_version"], len(response.content) == int(response.headers["content-length"]))
with httpx.Client() as client:
    print(client.get(os.environ["PROVIDER_URL"] + "/plain").json())
    with client.stream("POST", URL, json=streamed) as response:
        print(sum(line.startswith("data:") for line in response.iter_lines()))
    with client.stream("POST", URL, json=streamed) as response:
        print(len(b"".join(response.iter_raw())), response.num_bytes_downloaded > 0)


class Counting(httpx.HTTPTransport):
    count = 0

    def handle_request(self, request):
        Counting.count += 1
        return super().handle_request(request)


with httpx.Client(transport=Counting()) as client:
    print(client.post(URL, content=json.dumps(ask)).json()["model"], Counting.count)


async def main():
    async with httpx.AsyncClient() as client:
        answers = await asyncio.gather(*(client.post(URL, json={**ask, "model": f"m{n}"}) for n in range(3)))
        print([answer.json()["model"] for answer in answers])
        async with client.stream("POST", URL, json=streamed) as response:
            print(len(await response.aread()))


asyncio.run(main())
