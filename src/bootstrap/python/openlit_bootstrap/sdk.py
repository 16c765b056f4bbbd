"""The managed copy of OpenLIT's SDK: where it lies, and a finder that serves it to our own code only.

It never enters `sys.path`: the program can import, list and scan exactly what it could in a bare run, and its own versions
of a package win over ours. The launcher's set-up imports this file by itself.
"""
import os
import sys
from importlib.machinery import EXTENSION_SUFFIXES, PathFinder

# Real path of the copy once `serve` was called, with a separator at its end.
root = None

# Frames of these files do not say who asks: they belong to the import system itself.
_IMPORTLIB = os.path.dirname(sys.modules["importlib"].__file__) + os.sep
_OURS = "<openlit_bootstrap/"
_FOLDER = globals().get("FOLDER") or os.path.dirname(os.path.abspath(__file__))


def tag():
    """Names the binary interface: `cpython-311-x86_64-linux-gnu-x86_64`. The launcher computes the same by asking us."""
    suffix = EXTENSION_SUFFIXES[0]
    return suffix.strip(".").rsplit(".", 1)[0] + "-" + os.uname().machine


def lock_file():
    """The lock for this interpreter: full, with hashes."""
    name = "python-3.9.txt" if sys.version_info < (3, 10) else "python-3.10.txt"
    return os.path.join(os.path.dirname(_FOLDER), "locks", name)


def store():
    """The folder that holds one copy per interpreter version and platform."""
    given, cache = os.environ.get("OPENLIT_INSTRUMENT_PYTHON_SDK"), os.environ.get("OPENLIT_INSTRUMENT_CACHE_DIR")
    if not given and not cache:
        base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
        cache = os.path.join(base, "openlit-instrument")
    return given or os.path.join(cache, "python")


def folder():
    """Where this interpreter's copy is when it is there; a changed lock gives another name."""
    import hashlib

    with open(lock_file(), "rb") as handle:
        digest = hashlib.sha256(handle.read()).hexdigest()[:12]
    return os.path.join(store(), tag() + "-" + digest)


def serve(path):
    """Makes the copy importable for our code.

    :param path: real path of the folder with the installed packages
    """
    global root
    if root is None:
        root = path + os.sep
        sys.meta_path.append(_Finder(path))


def _asked_from_inside():
    """Whether the first frame that is not the import system's lies in our code or in the copy."""
    frame = sys._getframe(2)
    while frame is not None:
        name = frame.f_code.co_filename
        if not name.startswith(("<frozen ", _IMPORTLIB)):
            return name.startswith((_OURS, root))
        frame = frame.f_back
    return False


class _Finder:
    """Last in `sys.meta_path`, so the program's own packages win. The SDK itself is not its business: see core.py."""

    def __init__(self, path):
        self._path = path
        self._names = {entry.partition(".")[0] for entry in os.listdir(path)} - {"openlit"}

    def find_spec(self, fullname, path=None, target=None):
        if fullname.partition(".")[0] not in self._names or not _asked_from_inside():
            return None
        parent = fullname.rpartition(".")[0]
        return PathFinder.find_spec(fullname, [os.path.join(self._path, *parent.split("."))])

    def find_distributions(self, context=None):
        if not _asked_from_inside():
            return ()
        from importlib.metadata import DistributionFinder, MetadataPathFinder

        name = getattr(context, "name", None)
        return MetadataPathFinder.find_distributions(DistributionFinder.Context(name=name, path=[self._path]))

    def invalidate_caches(self):
        pass
