"""Gemini and Vertex: generateContent and embeddings. https://ai.google.dev/api/generate-content"""
import re

from . import decode
from .values import count, fields, integer, items, number, put, text, texts

_MODEL = re.compile(r"/(?:models|tunedModels|endpoints)/([^/:?]+)")


def _member(body, name):
    """Google's servers read both spellings of a field, and clients send both."""
    value = body.get(name)
    return body.get(re.sub("[A-Z]", lambda letter: "_" + letter[0].lower(), name)) if value is None else value


def request_facts(form, body, path):
    """Parameters as they were sent; the model and whether it streams are in the path."""
    facts = {}
    model = _MODEL.search(path)
    put(facts, "gen_ai.request.model", model[1] if model else None)
    if form != "gemini":
        put(facts, "gen_ai.embeddings.dimension.count", count(_member(body, "outputDimensionality")))
        return facts
    if path.partition("?")[0].endswith(":streamGenerateContent"):
        facts["gen_ai.request.stream"] = True
    config = fields(_member(body, "generationConfig"))
    for name, member in (
        ("temperature", "temperature"),
        ("top_p", "topP"),
        ("frequency_penalty", "frequencyPenalty"),
        ("presence_penalty", "presencePenalty"),
    ):
        put(facts, "gen_ai.request." + name, number(_member(config, member)))
    top_k = _member(config, "topK")
    put(facts, "gen_ai.request.top_k", top_k if number(top_k) is not None else None)
    put(facts, "gen_ai.request.max_tokens", count(_member(config, "maxOutputTokens")))
    put(facts, "gen_ai.request.seed", integer(config.get("seed")))
    put(facts, "gen_ai.request.stop_sequences", texts(_member(config, "stopSequences")))
    if count(_member(config, "candidateCount")) not in (None, 1):
        facts["gen_ai.request.choice.count"] = _member(config, "candidateCount")
    put(facts, "gen_ai.output.type", _output_type(config))
    return facts


def _output_type(config):
    modalities = [str(each).upper() for each in items(_member(config, "responseModalities"))]
    if "AUDIO" in modalities:
        return "speech"
    if "IMAGE" in modalities:
        return "image"
    return {"application/json": "json", "text/plain": "text"}.get(text(_member(config, "responseMimeType")))


class Answer(decode.Response):
    """A whole answer, or chunk by chunk: both have the same form."""

    def _answer(self, body):
        put(self.facts, "gen_ai.response.id", text(body.get("responseId")))
        put(self.facts, "gen_ai.response.model", text(body.get("modelVersion")))
        for place, candidate in enumerate(items(body.get("candidates"))):
            candidate = fields(candidate)
            index = count(candidate.get("index"))
            index = place if index is None else index
            self._choices.add(index)
            self._finished(index, text(candidate.get("finishReason")))
        # A blocked prompt has no candidates; the reason stands for the one that would have been.
        self._finished(0, text(fields(body.get("promptFeedback")).get("blockReason")))
        usage = fields(body.get("usageMetadata"))
        # Streams repeat running totals; thoughts are beside the candidates, prompts of Google's tools beside the prompt.
        prompt, thoughts = count(usage.get("promptTokenCount")), count(usage.get("thoughtsTokenCount"))
        output = count(usage.get("candidatesTokenCount"))
        if prompt is not None:
            prompt += count(usage.get("toolUsePromptTokenCount")) or 0
        if output is not None or thoughts is not None:
            output = (output or 0) + (thoughts or 0)
        self._count(prompt, output, count(usage.get("cachedContentTokenCount")), None, thoughts)
        for name, details, modality in (
            ("input_audio", "promptTokensDetails", "AUDIO"),
            ("input_image", "promptTokensDetails", "IMAGE"),
            ("output_audio", "candidatesTokensDetails", "AUDIO"),
            ("output_image", "candidatesTokensDetails", "IMAGE"),
        ):
            found = [fields(each) for each in items(usage.get(details)) if fields(each).get("modality") == modality]
            put(self._usage, name, count(found[0].get("tokenCount")) if found else None)

    def _finished(self, index, reason):
        if reason is not None:
            self._reasons[index] = reason
            self.complete = True


class Embeddings(decode.Response):
    """embedContent and batchEmbedContents."""

    def _answer(self, body):
        vectors = items(body.get("embeddings"))
        first = fields(body.get("embedding") or (vectors[0] if vectors else None))
        values = first.get("values")
        put(self.facts, "gen_ai.embeddings.dimension.count", len(values) if isinstance(values, list) else None)
        self._count(count(fields(body.get("usageMetadata")).get("promptTokenCount")), None, None, None, None)
