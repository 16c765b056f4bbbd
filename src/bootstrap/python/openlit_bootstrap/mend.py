"""Corrects what the SDK says of a call by what was on the wire (`exchange`), on the span's way out.

The SDK gives the structure (which call, under which parent, in which framework) and the messages; every figure and every
parameter is taken from the exchange. docs/python.md lists each fault that this mends and what stays.
"""
import time

from . import decode, forms, generation, prices

# Operations whose span stands for one request to a model.
INFERENCE = ("chat", "text_completion", "embeddings", "generate_content", "rerank")

# The SDK's names for facts that the wire knows better, or that do not belong on a span at all.
_REPLACED = (
    "gen_ai.request.",
    "gen_ai.response.",
    "gen_ai.usage.",
    "gen_ai.server.",
    "gen_ai.client.",
    "openai.api.",
    "openai.request.",
    "openai.response.",
)
_DROPPED = frozenset(
    (
        # facts of the resource
        "gen_ai.environment",
        "gen_ai.application_name",
        "service.name",
        "deployment.environment",
        "telemetry.sdk.name",
        # the library's version under no convention's name
        "gen_ai.sdk.version",
        # written even when the call asked for nothing
        "gen_ai.output.type",
        "gen_ai.client.token.usage",
        # of the tool that the model asked for; they belong to the span of its execution
        "gen_ai.tool.args",
    )
)
_TOOL = ("gen_ai.tool.name", "gen_ai.tool.call.id")

CONTENT = (
    "gen_ai.input.messages",
    "gen_ai.output.messages",
    "gen_ai.system_instructions",
    "gen_ai.tool.definitions",
    "gen_ai.tool.call.arguments",
    "gen_ai.tool.call.result",
)
# Everything else in which some instrumentor of the SDK puts words of people or models.
_CONTENT_PREFIXES = (
    "gen_ai.content.",
    "gen_ai.prompt",
    "gen_ai.completion",
    "gen_ai.tool.args",
    "gen_ai.tool.result",
    "gen_ai.tool.input",
    "gen_ai.tool.output",
    "gen_ai.workflow.input",
    "gen_ai.workflow.output",
    "gen_ai.agent.instructions",
    "gen_ai.agent.description",
    "gen_ai.retrieval.",
    "gen_ai.memory.",
    "db.query.",
    "db.statement",
)

# What the SDK writes when the program sent nothing; used only where there is no exchange to ask.
_DEFAULTS = {
    "gen_ai.request.temperature": 1.0,
    "gen_ai.request.top_p": 1.0,
    "gen_ai.request.top_k": 1.0,
    "gen_ai.request.frequency_penalty": 0.0,
    "gen_ai.request.presence_penalty": 0.0,
    "gen_ai.request.seed": 0,
    "gen_ai.request.max_tokens": -1,
    "gen_ai.usage.cache_read.input_tokens": 0,
    "gen_ai.usage.cache_creation.input_tokens": 0,
}


class Unknown(int):
    """A token count that the SDK would have estimated: its value is 0, and it never leaves the process."""


def attributes(span_attributes, call, content):
    """The attributes of a span as they leave.

    :param span_attributes: mapping, what the SDK wrote
    :param call: the span's Call, or None
    :param content: whether message content may leave
    :returns: dict of attributes; the facts for cost and metrics are in it
    """
    given = dict(span_attributes)
    operation = given.get("gen_ai.operation.name")
    seen = call.exchange if call is not None else None
    mended = {}
    if operation is None and seen is not None:
        # Some instrumentors write their facts at the end of a stream only.
        given.setdefault("gen_ai.provider.name", forms.inventor(seen.form))
        operation = forms.operation(seen.form)
    if operation in INFERENCE:
        if seen is not None:
            operation = given["gen_ai.operation.name"] = forms.operation(seen.form)
        for name, value in given.items():
            if name in _DROPPED or name in _TOOL or (seen is not None and name.startswith(_REPLACED)):
                continue
            if name.startswith(("gen_ai.server.", "gen_ai.client.")) or not _meaningful(name, value):
                continue
            mended[name] = value
        if seen is not None:
            _from_wire(mended, seen)
        else:
            _without_wire(mended, given)
        _cost(mended, seen)
    else:
        for name, value in given.items():
            # A workflow or an agent did not spend the tokens of its calls: whoever sums would count them twice.
            if name in _DROPPED or (name.startswith(_REPLACED) and name != "gen_ai.request.model"):
                continue
            if _meaningful(name, value):
                mended[name] = value
    if not content:
        for name in list(mended):
            if is_content(name):
                del mended[name]
    return generation.named(mended)


def is_content(name):
    """Whether an attribute holds words of people, models or tools."""
    return name in CONTENT or name.startswith(_CONTENT_PREFIXES)


def failed(span_failed, error_type, call):
    """Whether the call failed and how: (bool, `error.type` or None). The wire's word counts more than the SDK's.

    :param span_failed: the SDK set the status to ERROR
    :param error_type: what it calls the error
    """
    seen = call.exchange if call is not None else None
    if seen is None:
        return span_failed, error_type if span_failed else None
    if seen.answer.error is not None:
        return True, seen.answer.error
    if seen.failure is not None:
        return True, error_type or seen.failure
    if seen.status is not None and (seen.answer.complete or seen.partial):
        # The answer was right; what failed is the SDK's own reading of it, or the program left.
        return False, None
    return span_failed, error_type if span_failed else None


def _from_wire(mended, seen):
    mended.update(seen.request)
    facts = dict(seen.answer.finish())
    # The SDK calls Gemini by another name than the conventions.
    said = mended.get("gen_ai.provider.name")
    provider = seen.provider or (forms.inventor(seen.form) if said in (None, "gemini") else said)
    mended["gen_ai.provider.name"] = provider
    if provider and provider.startswith("azure.ai."):
        # The conventions give Azure's AI services this one value.
        mended["azure.resource_provider.namespace"] = "Microsoft.CognitiveServices"
    if provider not in ("openai", "azure.ai.openai"):
        facts = {name: value for name, value in facts.items() if not name.startswith("openai.")}
        mended = _drop_openai(mended)
    mended.update(facts)
    if seen.host:
        mended["server.address"] = seen.host
        mended["server.port"] = seen.port
    if seen.status is not None:
        mended["http.response.status_code"] = seen.status
    if seen.request.get("gen_ai.request.stream") and seen.first_chunk is not None:
        mended["gen_ai.response.time_to_first_chunk"] = (seen.first_chunk - seen.start) / 1e9
    if seen.partial:
        mended["openlit.partial"] = list(seen.partial)


def _drop_openai(mended):
    for name in [name for name in mended if name.startswith("openai.")]:
        del mended[name]
    return mended


def _without_wire(mended, given):
    for name, value in _DEFAULTS.items():
        if mended.get(name) == value:
            del mended[name]
    if mended.get("gen_ai.request.stream") is not True:
        mended.pop("gen_ai.request.stream", None)
    elif isinstance(given.get("gen_ai.server.time_to_first_token"), float):
        if given["gen_ai.server.time_to_first_token"] > 0:
            mended["gen_ai.response.time_to_first_chunk"] = given["gen_ai.server.time_to_first_token"]
    reasoning = mended.pop("gen_ai.usage.reasoning_tokens", None)
    if reasoning:
        mended["gen_ai.usage.reasoning.output_tokens"] = reasoning
    mended.pop("gen_ai.usage.cost", None)


def _cost(mended, seen):
    usage = seen.answer.usage() if seen is not None else _usage(mended)
    tier = mended.get("openai.response.service_tier") or mended.get("openai.request.service_tier")
    found = prices.cost(
        mended.get("gen_ai.provider.name"),
        mended.get("gen_ai.operation.name"),
        (mended.get("gen_ai.request.model"), mended.get("gen_ai.response.model")),
        usage,
        tier,
        seen.start if seen is not None else time.time_ns(),
        seen.answer.stated_cost if seen is not None else None,
    )
    if found is None:
        return
    amount, source, data = found
    mended["gen_ai.usage.cost"] = float(amount)
    mended["openlit.cost.source"] = source
    if data:
        mended["openlit.cost.price_data"] = data


def _usage(mended):
    return {name: mended[attribute] for name, attribute in decode.PRICED if attribute in mended}


def _meaningful(name, value):
    """Empty, −1 and estimated stand for "unknown" in the SDK; unknown is absent."""
    if isinstance(value, Unknown) or value is None or value == "":
        return False
    if isinstance(value, (list, tuple)):
        return len(value) > 0 and any(each not in ("", None) for each in value)
    return not (isinstance(value, (int, float)) and not isinstance(value, bool) and value == -1)
