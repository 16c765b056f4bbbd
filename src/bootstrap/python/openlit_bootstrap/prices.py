"""What a call cost: the provider's own figure first, else the user's pricing file, else the list that comes with us.

The shape of the list and the arithmetic are described at the top of scripts/prices.mjs; src/calls/prices.ts does the
same, and both run test/fixtures/telemetry/price-vectors.json. Unknown is absent, never 0.
"""
import json
import os
import re
from datetime import datetime, timezone

_LIST_PRICE_TIERS = ("default", "standard", "auto", "on_demand")
_DATE = re.compile(r"(@\d{8}|@default|-\d{8}|-\d{4}-\d{2}-\d{2})$")

_list = None
_own = None


def cost(provider, operation, models, usage, tier, at, stated=None):
    """USD of one call.

    :param provider: `gen_ai.provider.name`
    :param operation: `gen_ai.operation.name`
    :param models: (requested, answered), each a name or None
    :param usage: counts as `decode.Response.usage` gives them
    :param tier: service tier of the answer, else of the request, or None
    :param at: Unix nanoseconds of the start
    :param stated: what the provider itself says
    :returns: (amount, `reported` or `computed`, name of the prices or None), or None
    """
    if stated is not None:
        return stated, "reported", None
    name, file = _own_prices()
    amount = _own_cost(file, operation, models, usage)
    if amount is not None:
        return amount, "computed", name
    if operation == "embeddings":
        # It has no output, whatever the model's price for one.
        usage = dict(usage, output=usage.get("output", 0))
    if not provider or (tier is not None and tier not in _LIST_PRICE_TIERS):
        return None
    prices = _price_list()
    if prices is None:
        return None
    if operation == "embeddings" and usage.get("output") is None:
        # It has none, and no answer says so.
        usage = dict(usage, output=0)
    for model in (models[1], models[0]):
        found = find_model(prices, provider, model) if model else None
        if found is None:
            continue
        price = price_at(found, datetime.fromtimestamp(at / 1e9, timezone.utc))
        amount = total(price, usage) if price else None
        if amount is None:
            return None
        return amount, "computed", "%s %s" % (prices["source"], prices["version"])
    return None


def find_model(prices, provider, model):
    """The first model that the provider, or one of those it falls back to, lists under this name."""
    entry = prices["providers"].get(prices["aliases"].get(provider, provider))
    if entry is None:
        return None
    for name in _spellings(model):
        for models in [entry["models"]] + [
            prices["providers"].get(other, {}).get("models", []) for other in entry.get("fallback", ())
        ]:
            for each in models:
                if _matches(each["match"], name):
                    return each
    return None


def price_at(model, at):
    """The price that holds at this moment."""
    for price in reversed(model["prices"]):
        if "from" in price and at.strftime("%Y-%m-%d") < price["from"]:
            continue
        if "daily" in price:
            now = at.strftime("%H:%M:%S.%f")
            begin, end = price["daily"]
            if not (begin <= now < end if begin <= end else now >= begin or now < end):
                continue
        return price
    return model["prices"][0] if model["prices"] else None


def total(price, usage):
    """USD, or None when a count that the price needs is unknown."""
    taken, given = usage.get("input"), usage.get("output")
    if "input" not in price or taken is None:
        return None
    if given is None and "output" in price and _amount(price["output"], taken) != 0:
        return None

    def part(name):
        return max(usage.get(name) or 0, 0) if name in price else 0

    audio, image, read, write = (part(n) for n in ("input_audio", "input_image", "cache_read", "cache_write"))
    text = taken - audio - image - read - write
    # Cached audio counts twice when only totals are known: it was billed as cached.
    text, audio = _take_back(text, audio)
    text, image = _take_back(text, image)
    audio_out, image_out, reasoning = (part(n) for n in ("output_audio", "output_image", "output_reasoning"))
    text_out = (given or 0) - audio_out - image_out - reasoning
    text_out, audio_out = _take_back(text_out, audio_out)
    text_out, image_out = _take_back(text_out, image_out)
    amount = price.get("request", 0) / 1000
    for name, count in (
        ("input", text),
        ("cache_read", read),
        ("cache_write", write),
        ("input_audio", audio),
        ("input_image", image),
        ("output", text_out),
        ("output_reasoning", reasoning),
        ("output_audio", audio_out),
        ("output_image", image_out),
    ):
        if name in price and count > 0:
            amount += _amount(price[name], taken) * count / 1e6
    return amount


def _take_back(rest, source):
    if rest >= 0:
        return rest, source
    taken = min(-rest, source)
    return rest + taken, source - taken


def _amount(amount, taken):
    if not isinstance(amount, list):
        return amount
    price = amount[0]
    for start, tier in amount[1:]:
        if taken > start:
            price = tier
    return price


def _spellings(model):
    names = [model, _DATE.sub("", model)]
    names += [name.rpartition("/")[2] for name in names if "/" in name]
    return list(dict.fromkeys(names))


def _matches(match, name):
    if "or" in match:
        return any(_matches(each, name) for each in match["or"])
    if "and" in match:
        return all(_matches(each, name) for each in match["and"])
    if "regex" in match:
        return re.search(match["regex"], name) is not None
    lower = name.lower()
    if "equals" in match:
        return lower == match["equals"].lower()
    if "starts_with" in match:
        return lower.startswith(match["starts_with"].lower())
    if "ends_with" in match:
        return lower.endswith(match["ends_with"].lower())
    return match["contains"].lower() in lower


def _price_list():
    """dist/prices.json, two folders above the bootstrap folder. None when it is not there."""
    global _list
    if _list is None:
        here = os.path.dirname(os.path.abspath(__file__))
        try:
            with open(os.path.join(here, "..", "..", "..", "prices.json"), encoding="utf-8") as handle:
                _list = json.load(handle)
        except (OSError, ValueError):
            _list = False
    return _list or None


def _own_prices():
    """The user's file in OpenLIT's format: USD per 1,000 tokens. A URL is never fetched from inside a program."""
    global _own
    if _own is None:
        path = os.environ.get("OPENLIT_PRICING_JSON", "").strip()
        _own = (None, {})
        if path and "://" not in path:
            try:
                with open(path, encoding="utf-8") as handle:
                    data = json.load(handle)
                _own = ("pricing file " + os.path.basename(path), data if isinstance(data, dict) else {})
            except (OSError, ValueError) as error:
                from . import report

                report.say("the pricing file %s cannot be used (%s); list prices are used" % (path, error))
    return _own


def _own_cost(file, operation, models, usage):
    table = file.get("embeddings" if operation == "embeddings" else "chat") or {}
    for model in models:
        if not model:
            continue
        price = table.get(model, table.get(model.partition("/")[2] or model))
        taken, given = usage.get("input"), usage.get("output")
        if price is None or taken is None:
            continue
        if isinstance(price, (int, float)):
            return price * taken / 1000
        if given is None and price.get("completionPrice"):
            return None
        read = usage.get("cache_read", 0) if "cacheReadPrice" in price else 0
        write = usage.get("cache_write", 0) if "cacheCreationPrice" in price else 0
        return (
            max(taken - read - write, 0) * price.get("promptPrice", 0)
            + read * price.get("cacheReadPrice", 0)
            + write * price.get("cacheCreationPrice", 0)
            + (given or 0) * price.get("completionPrice", 0)
        ) / 1000
    return None
