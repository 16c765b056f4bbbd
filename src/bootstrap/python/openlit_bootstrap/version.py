"""Our own version: what the package that this folder came in says of itself."""
import json
import os


def own():
    """`0.1.0`; None where the folder was taken out of its package."""
    folder = os.path.dirname(os.path.abspath(__file__))
    try:
        # dist/bootstrap/python/openlit_bootstrap, and the same depth in src/.
        with open(os.path.join(folder, "..", "..", "..", "..", "package.json"), encoding="utf-8") as handle:
            package = json.load(handle)
        return package["version"] if package["name"] == "openlit-instrument" else None
    except Exception:
        return None
