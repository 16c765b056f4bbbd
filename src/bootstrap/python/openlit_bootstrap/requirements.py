"""Whether the program's own packages let the SDK work, by one listing of the search path (0.3 ms), before any import.

The program's versions win over ours, so a version that is too old for the SDK would fail inside a call. Then we stay out.
"""
import os
import sys

# Distribution -> lowest version that works, measured with openlit 1.45.0; see docs/python.md.
MINIMUM = {
    "opentelemetry_api": (1, 38),
    "opentelemetry_sdk": (1, 38),
    "opentelemetry_semantic_conventions": (0, 59),
    "opentelemetry_instrumentation": (0, 52),
    "wrapt": (1, 14),
    "pydantic": (2, 0),
    "packaging": (18, 0),
    "typing_extensions": (4, 5),
}


def conflict():
    """The first package that is too old: (name, found, wanted), or None."""
    missing = dict(MINIMUM)
    for entry in sys.path:
        if not isinstance(entry, str):
            continue
        try:
            names = os.listdir(entry or ".")
        except OSError:
            continue
        for name in names:
            if not name.endswith((".dist-info", ".egg-info")):
                continue
            project, _, version = name.rpartition(".")[0].partition("-")
            project = project.replace(".", "_").replace("-", "_").lower()
            # The first on the path is the one that is imported.
            wanted = missing.pop(project, None)
            if wanted is None or not version:
                continue
            if _numbers(version) < wanted:
                return project.replace("_", "-"), version.partition("-py")[0], ">=" + ".".join(map(str, wanted))
    return None


def _numbers(version):
    numbers = []
    for part in version.split(".")[:3]:
        digits = ""
        for letter in part:
            if not letter.isdigit():
                break
            digits += letter
        if not digits:
            break
        numbers.append(int(digits))
    return tuple(numbers)
