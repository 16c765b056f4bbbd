"""Values out of parsed JSON: what has the wrong type counts as absent."""


def put(facts, name, value):
    if value is not None:
        facts[name] = value


def fields(value):
    return value if isinstance(value, dict) else {}


def items(value):
    return value if isinstance(value, list) else []


def text(value):
    return value if isinstance(value, str) and value else None


def texts(value):
    if isinstance(value, str):
        return [value] if value else None
    if isinstance(value, list):
        return [each for each in value if isinstance(each, str)] or None
    return None


def integer(value):
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def count(value):
    value = integer(value)
    return value if value is not None and value >= 0 else None


def first_count(*values):
    for value in values:
        if count(value) is not None:
            return value
    return None


def number(value):
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return float(value)
