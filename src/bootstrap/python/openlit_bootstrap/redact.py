"""Takes credentials and the user's own patterns out of texts, and cuts long ones. Loaded only when a text is sent at all."""
import json
import os
import re

# The same issuers as src/calls/redact.ts.
_TOKENS = (
    r"sk[-_][A-Za-z0-9_-]{16,}",
    r"rk_live_[A-Za-z0-9]{16,}",
    r"gsk_[A-Za-z0-9]{20,}",
    r"xai-[A-Za-z0-9]{20,}",
    r"pplx-[A-Za-z0-9]{20,}",
    r"nvapi-[A-Za-z0-9_-]{20,}",
    r"(?:r8|hf)_[A-Za-z0-9]{20,}",
    r"fw_[A-Za-z0-9]{16,}",
    r"csk-[A-Za-z0-9]{20,}",
    r"tgp_v1_[A-Za-z0-9_-]{20,}",
    r"pa-[A-Za-z0-9_-]{32,}",
    r"dapi[0-9a-f]{32}",
    r"(?:AKIA|ASIA)[0-9A-Z]{16}",
    r"AIza[0-9A-Za-z_-]{30,}",
    r"ya29\.[0-9A-Za-z_-]{20,}",
    r"gh[pousr]_[A-Za-z0-9]{20,}",
    r"github_pat_[A-Za-z0-9_]{20,}",
    r"glpat-[A-Za-z0-9_-]{16,}",
    r"xox[abeprs]-[A-Za-z0-9-]{10,}",
    r"npm_[A-Za-z0-9]{36}",
    r"pypi-[A-Za-z0-9_-]{20,}",
    r"eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*",
)
_SECRET = (
    r"(?:api[_-]?key|x-goog-api-key|(?:access|refresh|auth|session|id|security)[_-]?token|client[_-]?secret|"
    r"secret(?:[_-]?(?:access[_-]?)?key)?|private[_-]?key|passw(?:or)?d|passphrase|authorization|cookie)"
)
_RULES = (
    (re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)"), "[REDACTED]"),
    (re.compile(r"(?<![A-Za-z0-9_-])(?:%s)" % "|".join(_TOKENS)), "[REDACTED]"),
    (
        re.compile(r"\b(Bearer|Basic|Token)\s+(?=[^\s\"',;]*[\d=])[A-Za-z0-9._~+/=-]{8,}", re.I),
        r"\1 [REDACTED]",
    ),
    (re.compile(r"://[^\s/@:\"']+:[^\s/@\"']+@"), "://[REDACTED]@"),
    (
        re.compile(r"\b([A-Za-z0-9_-]{0,40}%s[\"']?\s*[:=]\s*[\"']?)(?!\[REDACTED)[^\s\"',;&}]{6,}" % _SECRET, re.I),
        r"\1[REDACTED]",
    ),
    (re.compile(r"([?&](?:key|sig|signature|token|code)=)[^&\s\"'#]+", re.I), r"\1[REDACTED]"),
)

# Characters of one text, as src/calls/content.ts.
DEFAULT_LENGTH = 32768


def _own_rules():
    """A JSON list, or one pattern a line. Raises re.error when one is broken: then no content may leave."""
    text = os.environ.get("OPENLIT_REDACT_PATTERNS", "").strip()
    patterns = None
    if text.startswith("["):
        try:
            patterns = [each for each in json.loads(text) if isinstance(each, str)]
        except ValueError:
            pass
    if patterns is None:
        patterns = [line for line in text.split("\n") if line.strip()]
    return [(re.compile(each), "[REDACTED]") for each in patterns]


_own = None


def text(value):
    """`value` without credentials."""
    global _own
    if _own is None:
        _own = _own_rules()
    for pattern, replacement in _RULES:
        value = pattern.sub(replacement, value)
    for pattern, replacement in _own:
        value = pattern.sub(replacement, value)
    return value


def length():
    """Characters that one text may have."""
    try:
        value = int(os.environ.get("OPENLIT_MAX_CONTENT_LENGTH", ""))
    except ValueError:
        return DEFAULT_LENGTH
    return value if value > 0 else DEFAULT_LENGTH


def content(value):
    """Texts anywhere inside `value`, redacted first and cut second; a JSON text is taken apart and put together again."""
    if isinstance(value, str):
        if value[:1] in "[{":
            try:
                return json.dumps(_walk(json.loads(value), length()), ensure_ascii=False)
            except ValueError:
                pass
        return _cut(text(value), length())
    return _walk(value, length())


def _walk(value, limit):
    if isinstance(value, str):
        return _cut(text(value), limit)
    if isinstance(value, (list, tuple)):
        return [_walk(each, limit) for each in value]
    if isinstance(value, dict):
        return {key: _walk(each, limit) for key, each in value.items()}
    return value


def _cut(value, limit):
    if len(value) <= limit:
        return value
    return "%s\u2026[cut, %d characters]" % (value[:limit], len(value))
