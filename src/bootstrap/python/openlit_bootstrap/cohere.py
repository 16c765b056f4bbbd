"""Cohere: chat of both versions, embeddings, and the order of documents, whose format others share."""
from . import decode
from .values import count, fields, first_count, integer, items, number, put, text, texts

_VECTORS = ("float", "int8", "uint8")


def request_facts(form, body, path):
    """Parameters as they were sent."""
    facts = {}
    put(facts, "gen_ai.request.model", text(body.get("model")))
    if form == "cohere-embed":
        put(facts, "gen_ai.request.encoding_formats", texts(body.get("embedding_types")))
        put(facts, "gen_ai.embeddings.dimension.count", count(body.get("output_dimension")))
    if not form.startswith("cohere-v"):
        return facts
    if body.get("stream") is True:
        facts["gen_ai.request.stream"] = True
    for name, member in (
        ("temperature", "temperature"),
        ("top_p", "p"),
        ("frequency_penalty", "frequency_penalty"),
        ("presence_penalty", "presence_penalty"),
    ):
        put(facts, "gen_ai.request." + name, number(body.get(member)))
    put(facts, "gen_ai.request.top_k", body.get("k") if number(body.get("k")) is not None else None)
    put(facts, "gen_ai.request.max_tokens", count(body.get("max_tokens")))
    put(facts, "gen_ai.request.seed", integer(body.get("seed")))
    put(facts, "gen_ai.request.stop_sequences", texts(body.get("stop_sequences")))
    if fields(body.get("response_format")).get("type") == "json_object":
        facts["gen_ai.output.type"] = "json"
    put(facts, "gen_ai.conversation.id", text(body.get("conversation_id")))
    return facts


class _Cohere(decode.Response):
    def _billed(self, usage):
        """Billed units are what the conventions ask for; the plain counts include Cohere's own prompt."""
        usage = fields(usage)
        billed, plain = fields(usage.get("billed_units")), fields(usage.get("tokens"))
        self._count(
            first_count(billed.get("input_tokens"), plain.get("input_tokens")),
            first_count(billed.get("output_tokens"), plain.get("output_tokens")),
            count(usage.get("cached_tokens")),
            None,
            None,
        )
        put(self._usage, "input_image", count(billed.get("images")))


class Answer(_Cohere):
    """Chat, version 1 and 2."""

    def _answer(self, body):
        if self.form == "cohere-v1":
            put(self.facts, "gen_ai.response.id", text(body.get("response_id")) or text(body.get("generation_id")))
        else:
            put(self.facts, "gen_ai.response.id", text(body.get("id")))
        self._choices.add(0)
        put(self._reasons, 0, text(body.get("finish_reason")))
        self._billed(body.get("meta") if self.form == "cohere-v1" else body.get("usage"))

    def _event(self, kind, body):
        self._choices.add(0)
        if self.form == "cohere-v1":
            if body.get("event_type") == "stream-end":
                answer = dict(fields(body.get("response")))
                answer["finish_reason"] = body.get("finish_reason") or answer.get("finish_reason")
                self._answer(answer)
                self.complete = True
        elif kind == "message-start":
            put(self.facts, "gen_ai.response.id", text(body.get("id")))
        elif kind == "message-end":
            delta = fields(body.get("delta"))
            put(self._reasons, 0, text(delta.get("finish_reason")))
            if text(delta.get("error")) is not None:
                self.error = "error"
            self._billed(delta.get("usage"))
            self.complete = True


class Embeddings(_Cohere):
    """Vectors under the name of each type that was asked for; version 1 gives them bare."""

    def _answer(self, body):
        put(self.facts, "gen_ai.response.id", text(body.get("id")))
        found = body.get("embeddings")
        lists = [found] if isinstance(found, list) else [fields(found).get(name) for name in _VECTORS]
        first = next((each[0] for each in lists if isinstance(each, list) and each), None)
        put(self.facts, "gen_ai.embeddings.dimension.count", len(first) if isinstance(first, list) else None)
        self._billed(body.get("meta"))


class Rerank(decode.Response):
    """Documents ordered by relevance: Cohere, Voyage, Jina and others."""

    def _answer(self, body):
        put(self.facts, "gen_ai.response.id", text(body.get("id")))
        put(self.facts, "gen_ai.response.model", text(body.get("model")))
        usage = fields(body.get("usage"))
        tokens = fields(fields(body.get("meta")).get("tokens"))
        asked = first_count(usage.get("prompt_tokens"), usage.get("total_tokens"), tokens.get("input_tokens"))
        self._count(asked, None, None, None, None)
