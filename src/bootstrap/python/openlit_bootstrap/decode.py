"""Answers of LLM calls -> facts under the conventions' attribute names. Pure; the Python sibling of `src/wire/providers`.

A fact that was not on the wire has no key. Here are OpenAI's chat, completions, responses, embeddings (and everything that
copies them) and Anthropic's messages; `forms` knows the others, which extend this.
"""
import json

from .values import count, fields, first_count, items, number, put, text


def parse(body):
    """A JSON object, or None. Google's streams put an array around a failure."""
    try:
        value = json.loads(body)
    except (ValueError, TypeError, RecursionError):
        return None
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    return value if isinstance(value, dict) else None


class Response:
    """Collects the facts of one answer, from a whole body or from the events of a stream."""

    def __init__(self, form):
        self.form = form
        self.facts = {}
        # `error.type`, once the answer says that the call failed.
        self.error = None
        # Whether a stream came to its own end.
        self.complete = False
        # The exchange turned out to ask no model for anything.
        self.is_no_call = False
        # USD as the provider states it.
        self.stated_cost = None
        self._reasons = {}
        # Indexes of the choices that a stream has begun.
        self._choices = set()
        # Places of the tool calls that a Responses stream has named: its end may leave them out.
        self._calls = set()
        self._usage = {}

    def whole(self, body, status):
        """A parsed answer that came in one piece."""
        if body is None:
            if status >= 400:
                self.error = str(status)
            return
        if status >= 400 or _is_error(body):
            self.error = _error_type(body) or (str(status) if status >= 400 else "_OTHER")
        if status < 400:
            self._answer(body)
        self.complete = True

    def _answer(self, body):
        """A successful answer in one piece."""
        if self.form == "messages":
            self._message(body)
        elif self.form == "responses":
            self._response(body)
        elif self.form == "embeddings":
            self._embeddings(body)
        else:
            self._completion(body)

    def event(self, data):
        """The data of one server-sent event."""
        if data.strip() == "[DONE]":
            self.complete = True
            return
        body = parse(data)
        if body is None:
            return
        kind = body.get("type")
        if kind == "error" or isinstance(body.get("error"), (dict, str)):
            self.error = _error_type(body) or "_OTHER"
            self.complete = True
            if self.form in ("messages", "responses"):
                self._reasons[0] = "error"
        self._event(kind, body)

    def _event(self, kind, body):
        """One parsed event of a stream; in most formats it has the form of an answer."""
        if self.form == "messages":
            self._message_event(kind, body)
        elif self.form == "responses":
            self._response_event(kind, body)
        else:
            self._answer(body)

    def broke_off(self):
        """A stream ended before its own end."""
        self.error = self.error or "stream_interrupted"
        for index in self._choices:
            self._reasons.setdefault(index, "error")

    def finish(self):
        """All facts so far."""
        taken, given = (self.facts.get("gen_ai.usage.%s_tokens" % side) for side in ("input", "output"))
        if taken is not None and given is not None:
            # OpenLIT's pages show this one; a half-known total would be wrong.
            self.facts["gen_ai.usage.total_tokens"] = taken + given
        if self._reasons:
            self.facts["gen_ai.response.finish_reasons"] = [self._reasons[index] for index in sorted(self._reasons)]
        return self.facts

    # OpenAI chat and completions, whole or chunk by chunk
    def _completion(self, body):
        self._envelope(body)
        for place, choice in enumerate(items(body.get("choices"))):
            choice = fields(choice)
            index = choice.get("index")
            reason = text(choice.get("finish_reason"))
            index = index if isinstance(index, int) else place
            self._choices.add(index)
            if reason is not None:
                self._reasons[index] = reason
                self.complete = True
        usage = fields(body.get("usage") or fields(body.get("x_groq")).get("usage"))
        self._openai_usage(usage, "prompt_tokens", "completion_tokens")

    def _embeddings(self, body):
        self._envelope(body)
        data = items(body.get("data"))
        vector = fields(data[0]).get("embedding") if data else None
        if isinstance(vector, list):
            self.facts["gen_ai.embeddings.dimension.count"] = len(vector)
        elif isinstance(vector, str):
            # base64 of 32-bit floats
            self.facts["gen_ai.embeddings.dimension.count"] = (len(vector) * 3 // 4 - vector[-2:].count("=")) // 4
        usage = fields(body.get("usage"))
        # Voyage states the total alone, and an embedding has no other tokens.
        self._openai_usage(dict({"prompt_tokens": usage.get("total_tokens")}, **usage), "prompt_tokens", "completion_tokens")

    def _response_event(self, kind, body):
        item = body.get("item")
        if isinstance(item, dict):
            # By its place: Copilot gives each event of one item another id.
            place = body.get("output_index", item.get("id"))
            # Perplexity announces its own search as a function call, and ends the item as what it was.
            (self._calls.add if item.get("type") in _CALLS else self._calls.discard)(place)
        last = kind in ("response.completed", "response.incomplete", "response.failed", "response.cancelled")
        if isinstance(body.get("response"), dict):
            self._response(body["response"])
        elif last:
            self._response(body)  # Perplexity's response is the event itself
        self.complete = self.complete or last

    def _response(self, body):
        self._envelope(body)
        # The API states no finish reason; it follows from the status.
        status = body.get("status")
        self._choices.add(0)
        if status == "completed":
            called = any(fields(item).get("type") in _CALLS for item in items(body.get("output")))
            self._reasons[0] = "tool_call" if called or self._calls else "stop"
        elif status == "incomplete":
            reason = text(fields(body.get("incomplete_details")).get("reason"))
            self._reasons[0] = "length" if reason in (None, "max_output_tokens") else reason
        elif status in ("failed", "cancelled"):
            self._reasons[0] = "error"
            self.error = (_error_type(body) if isinstance(body.get("error"), dict) else None) or status
        self._openai_usage(fields(body.get("usage")), "input_tokens", "output_tokens")

    def _envelope(self, body):
        put(self.facts, "gen_ai.response.id", text(body.get("id")))
        put(self.facts, "gen_ai.response.model", text(body.get("model")))
        put(self.facts, "openai.response.service_tier", text(body.get("service_tier")))
        put(self.facts, "openai.response.system_fingerprint", text(body.get("system_fingerprint")))

    def _openai_usage(self, usage, input_name, output_name):
        taken = count(usage.get(input_name))
        given = count(usage.get(output_name))
        inside = fields(usage.get(input_name + "_details"))
        outside = fields(usage.get(output_name + "_details"))
        reasoning = first_count(outside.get("reasoning_tokens"), usage.get("reasoning_tokens"))
        total = count(usage.get("total_tokens"))
        if None not in (taken, given, total) and reasoning and taken + given != total == taken + given + reasoning:
            # xAI counts reasoning beside the completion; the total tells.
            given += reasoning
        cached = first_count(
            inside.get("cached_tokens"), usage.get("prompt_cache_hit_tokens"), usage.get("cached_tokens")
        )
        self._count(taken, given, cached, count(inside.get("cache_write_tokens")), reasoning)
        for side, details in (("input", inside), ("output", outside)):
            for kind in ("text", "image", "audio"):
                tokens = count(details.get(kind + "_tokens"))
                put(self._usage, "%s_%s" % (side, kind), tokens)
                put(self.facts, "gen_ai.usage.%s.%s_tokens" % (kind, side), tokens)
        cost = usage.get("cost")
        ticks = number(usage.get("cost_in_usd_ticks"))
        stated = number(cost) if number(cost) is not None else number(fields(cost).get("total_cost"))
        if stated is None and ticks is not None:
            stated = ticks / 1e10
        if stated is not None:
            self.stated_cost = stated

    # Anthropic
    def _message(self, body):
        put(self.facts, "gen_ai.response.id", text(body.get("id")))
        put(self.facts, "gen_ai.response.model", text(body.get("model")))
        if text(body.get("stop_reason")) is not None:
            self._reasons[0] = body["stop_reason"]
        self._anthropic_usage(fields(body.get("usage")))

    def _message_event(self, kind, body):
        if kind == "message_start":
            self._choices.add(0)
            self._message(fields(body.get("message")))
        elif kind == "content_block_start":
            block = fields(body.get("content_block"))
            if block.get("type") == "fallback":
                # The model that was asked declined, and another one answers.
                put(self.facts, "gen_ai.response.model", text(fields(block.get("to")).get("model")))
        elif kind == "message_delta":
            reason = text(fields(body.get("delta")).get("stop_reason"))
            if reason is not None:
                self._reasons[0] = reason
            self._anthropic_usage(fields(body.get("usage")))
        elif kind == "message_stop":
            self.complete = True

    def _anthropic_usage(self, usage):
        # Counts of a stream are cumulative: a later one replaces an earlier one, none is added.
        own = self._usage
        for name in _MESSAGE_COUNTS:
            if count(usage.get(name)) is not None:
                own[name] = usage[name]
        # The run in which the model summed up its context first is billed, and only among the iterations.
        iterations = [fields(each) for each in items(usage.get("iterations"))]
        runs = [own] + [each for each in iterations if each.get("type") == "compaction"]
        taken, read, written, given = (_sum(count(run.get(name)) for run in runs) for name in _MESSAGE_COUNTS)
        if own.get("input_tokens") is not None:
            taken = _sum((taken, read, written))
        thinking = count(fields(usage.get("output_tokens_details")).get("thinking_tokens"))
        self._count(taken, given, read, written, thinking)

    def _count(self, taken, given, read, written, reasoning):
        put(self.facts, "gen_ai.usage.input_tokens", taken)
        put(self.facts, "gen_ai.usage.output_tokens", given)
        put(self.facts, "gen_ai.usage.cache_read.input_tokens", read)
        put(self.facts, "gen_ai.usage.cache_creation.input_tokens", written)
        put(self.facts, "gen_ai.usage.reasoning.output_tokens", reasoning)

    def usage(self):
        """Counts for the price list: `input`, `output`, `cache_read`, `cache_write`, `output_reasoning`, modalities."""
        counts = {name: self._usage[name] for name in MODALITIES if name in self._usage}
        for name, attribute in PRICED:
            if attribute in self.facts:
                counts[name] = self.facts[attribute]
        return counts


_CALLS = ("function_call", "custom_tool_call")
_MESSAGE_COUNTS = ("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens", "output_tokens")

MODALITIES = ("input_audio", "input_image", "output_audio", "output_image")

PRICED = (
    ("input", "gen_ai.usage.input_tokens"),
    ("output", "gen_ai.usage.output_tokens"),
    ("cache_read", "gen_ai.usage.cache_read.input_tokens"),
    ("cache_write", "gen_ai.usage.cache_creation.input_tokens"),
    ("output_reasoning", "gen_ai.usage.reasoning.output_tokens"),
)


def _sum(counts):
    """Of those that are known; None where none is."""
    known = [each for each in counts if each is not None]
    return sum(known) if known else None


def _is_error(body):
    return isinstance(body.get("error"), (dict, str)) or body.get("type") == "error" or body.get("object") == "error"


def _error_type(body):
    error = body["error"] if isinstance(body.get("error"), dict) else body
    for value in (error.get("code"), error.get("status"), error.get("type"), body.get("code"), body.get("type")):
        if isinstance(value, str) and value != "error" and 0 < len(value) <= 100 and value[0].isalpha():
            if all(letter.isalnum() or letter in "_.:-" for letter in value) and value.isascii():
                return value
    return None
