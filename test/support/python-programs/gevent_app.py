"""gevent, patched before or after the import of openai."""

import sys

if sys.argv[1] == "early":
    from gevent import monkey

    monkey.patch_all()
import openai

if sys.argv[1] == "late":
    import warnings

    from gevent import monkey

    warnings.simplefilter("ignore")
    monkey.patch_all()
import gevent


def call():
    client = openai.OpenAI(max_retries=0)
    return (
        client.chat.completions.create(model="gpt-4o-mini", messages=[{"role": "user", "content": "hi"}])
        .choices[0]
        .message.content
    )


jobs = [gevent.spawn(call) for _ in range(3)]
gevent.joinall(jobs, timeout=20)
print([job.value for job in jobs])
