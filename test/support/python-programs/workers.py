"""multiprocessing in each of its forms; the first word is the start method, the second the form."""

import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor


def call(_=None):
    import openai

    answer = openai.OpenAI(max_retries=0).chat.completions.create(
        model="gpt-4o-mini", messages=[{"role": "user", "content": "hi"}]
    )
    return answer.choices[0].message.content


def main(method, form):
    context = multiprocessing.get_context(method)
    if form == "armed-first":
        call()
        form = "process"
    if form == "process":
        workers = [context.Process(target=call) for _ in range(2)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        print([worker.exitcode for worker in workers])
    elif form == "executor":
        with ProcessPoolExecutor(2, mp_context=context) as pool:
            print(list(pool.map(call, range(4))))
    else:
        pool = context.Pool(2)
        print(pool.map(call, range(4)))
        pool.close()
        pool.join()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
