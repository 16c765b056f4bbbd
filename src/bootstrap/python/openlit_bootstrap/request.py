"""Requests of OpenAI's and Anthropic's formats -> facts under the conventions' attribute names: parameters as they were sent."""
import re

from .values import count, fields, integer, items, number, put, text, texts

_DEPLOYMENT = re.compile("/deployments/([^/]+)/")
_API_TYPES = {"chat": "chat_completions", "responses": "responses"}


def request_facts(form, body, path):
    """Parameters as they were sent.

    :param form: what `forms.recognise` said
    :param body: the parsed request
    :param path: of the request; Azure's deployments are named there
    :returns: dict of attribute name -> value
    """
    facts = {}
    deployment = _DEPLOYMENT.search(path)
    put(facts, "openai.api.type", _API_TYPES.get(form))
    put(facts, "gen_ai.request.model", text(body.get("model")) or (deployment[1] if deployment else None))
    if body.get("stream") is True:
        facts["gen_ai.request.stream"] = True
    if form == "embeddings":
        put(facts, "gen_ai.request.encoding_formats", texts(body.get("encoding_format")))
        put(facts, "gen_ai.embeddings.dimension.count", count(body.get("dimensions")))
        return facts
    for name in ("temperature", "top_p", "frequency_penalty", "presence_penalty"):
        put(facts, "gen_ai.request." + name, number(body.get(name)))
    put(facts, "gen_ai.request.top_k", body.get("top_k") if count(body.get("top_k")) is not None else None)
    put(facts, "gen_ai.request.seed", integer(body.get("seed", body.get("random_seed"))))
    for name in ("max_completion_tokens", "max_output_tokens", "max_tokens"):
        if count(body.get(name)) is not None:
            facts["gen_ai.request.max_tokens"] = body[name]
            break
    put(facts, "gen_ai.request.stop_sequences", texts(body.get("stop_sequences") or body.get("stop")))
    if count(body.get("n")) not in (None, 1):
        facts["gen_ai.request.choice.count"] = body["n"]
    put(facts, "gen_ai.output.type", _output_type(form, body))
    if form != "messages" and body.get("service_tier") != "auto":
        put(facts, "openai.request.service_tier", text(body.get("service_tier")))
    put(facts, "gen_ai.request.reasoning.level", _reasoning_level(form, body))
    if form == "responses":
        put(facts, "gen_ai.request.previous_response.id", text(body.get("previous_response_id")))
    conversation = body.get("conversation")
    put(facts, "gen_ai.conversation.id", text(fields(conversation).get("id")) or text(conversation))
    return facts


def _reasoning_level(form, body):
    if form == "messages":
        kind = text(fields(body.get("thinking")).get("type"))
        return text(fields(body.get("output_config")).get("effort")) or (None if kind == "disabled" else kind)
    return text(body.get("reasoning_effort")) or text(fields(body.get("reasoning")).get("effort"))


def _output_type(form, body):
    if form == "responses":
        kind = fields(fields(body.get("text")).get("format")).get("type")
    elif form == "messages":
        kind = fields(fields(body.get("output_config")).get("format") or body.get("output_format")).get("type")
    else:
        modalities = items(body.get("modalities"))
        if "audio" in modalities:
            return "speech"
        if "image" in modalities:
            return "image"
        kind = fields(body.get("response_format")).get("type")
    return "json" if kind in ("json_object", "json_schema") else "text" if kind == "text" else None
