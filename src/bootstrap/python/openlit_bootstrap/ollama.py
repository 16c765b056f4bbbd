"""Ollama's own API: chat, generate, embeddings. https://github.com/ollama/ollama/blob/main/docs/api.md"""
from . import decode
from .values import count, fields, integer, items, number, put, text, texts


def request_facts(form, body, path):
    """Parameters as they were sent. It streams unless it was told not to."""
    facts = {}
    put(facts, "gen_ai.request.model", text(body.get("model")))
    if form == "ollama-embed":
        put(facts, "gen_ai.embeddings.dimension.count", count(body.get("dimensions")))
        return facts
    if body.get("stream") is not False:
        facts["gen_ai.request.stream"] = True
    options = fields(body.get("options"))
    for name in ("temperature", "top_p", "frequency_penalty", "presence_penalty"):
        put(facts, "gen_ai.request." + name, number(options.get(name)))
    put(facts, "gen_ai.request.top_k", options.get("top_k") if number(options.get("top_k")) is not None else None)
    # -1 and -2 mean: without a limit.
    put(facts, "gen_ai.request.max_tokens", count(options.get("num_predict")))
    put(facts, "gen_ai.request.seed", integer(options.get("seed")))
    put(facts, "gen_ai.request.stop_sequences", texts(options.get("stop")))
    if body.get("format") == "json" or isinstance(body.get("format"), dict):
        facts["gen_ai.output.type"] = "json"
    return facts


class Answer(decode.Response):
    """A whole answer, or line by line: both have the same form."""

    def _answer(self, body):
        # Asked for nothing but to have the model in memory, or out of it.
        self.is_no_call = self.is_no_call or body.get("done_reason") in ("load", "unload")
        put(self.facts, "gen_ai.response.model", text(body.get("model")))
        self._choices.add(0)
        put(self._reasons, 0, text(body.get("done_reason")))
        self._count(count(body.get("prompt_eval_count")), count(body.get("eval_count")), None, None, None)
        self.complete = self.complete or body.get("done") is True


class Embeddings(decode.Response):
    def _answer(self, body):
        put(self.facts, "gen_ai.response.model", text(body.get("model")))
        vectors = items(body.get("embeddings"))
        first = body.get("embedding") or (vectors[0] if vectors else None)
        put(self.facts, "gen_ai.embeddings.dimension.count", len(first) if isinstance(first, list) else None)
        self._count(count(body.get("prompt_eval_count")), None, None, None, None)
