# The first file of ours in a Python program, found through PYTHONPATH. It is frozen: everything that may change lives in
# the package beside it. Rules: parses on Python 2.7; imports next to nothing; never writes to stdout; whatever happens to
# our part, the program starts as if it were not there; the program's or distribution's own sitecustomize runs as always.
# The pragmas: where coverage.py measures from the start of each process, this file has nothing that could be missed.
import sys  # pragma: no cover


def _openlit_start(folder):  # pragma: no cover
    import os

    if os.environ.get("OPENLIT_INSTRUMENT_DISABLED") == "1" or sys.version_info < (3, 9):
        return
    # Not imported: what stands in sys.modules is met by programs that look through it.
    module = type(sys)("openlit_bootstrap.loading")
    module.FOLDER = os.path.join(folder, "openlit_bootstrap")
    with open(os.path.join(module.FOLDER, "loading.py"), "rb") as handle:
        code = compile(handle.read(), "<openlit_bootstrap/loading.py>", "exec", 0, True)
    exec(code, module.__dict__)
    module.begin(module)


def _openlit_own_folder():  # pragma: no cover
    import os

    return os.path.dirname(os.path.abspath(__file__))


def _openlit_leave_path(folder):  # pragma: no cover
    # The program sees the sys.path of a bare run; PYTHONPATH stays, so that child interpreters find us too.
    import os

    sys.path[:] = [e for e in sys.path if not isinstance(e, str) or os.path.abspath(e or ".") != folder or e == ""]


def _openlit_chain():  # pragma: no cover
    # What `import sitecustomize` would have found without us. Its errors are the program's own and go on as they are.
    if sys.version_info >= (3, 5):
        PathFinder = sys.modules["_frozen_importlib_external"].PathFinder
        spec = PathFinder.find_spec("sitecustomize", sys.path)
        if spec is None or spec.loader is None:
            return False
        module = type(sys)("sitecustomize")
        module.__spec__ = spec
        module.__file__ = spec.origin
        module.__loader__ = spec.loader
        module.__package__ = ""
        if spec.cached is not None:
            module.__cached__ = spec.cached
        sys.modules["sitecustomize"] = module
        spec.loader.exec_module(module)
        return True
    import imp

    try:
        found = imp.find_module("sitecustomize", sys.path)
    except ImportError:
        return False
    del sys.modules["sitecustomize"]
    imp.load_module("sitecustomize", *found)
    return True


try:  # pragma: no cover
    _openlit_folder = _openlit_own_folder()
    _openlit_leave_path(_openlit_folder)
    _openlit_start(_openlit_folder)
# SystemExit here would end the program before it began.
except BaseException:  # noqa: B902  # pragma: no cover
    try:
        sys.stderr.write(
            "openlit-instrument: the Python hook did not start (%s); the program runs un-instrumented\n"
            % (sys.exc_info()[1],)
        )
    except BaseException:
        pass

if not _openlit_chain():  # pragma: no cover
    # site.py takes this for "there is no sitecustomize": the module table is left as in a bare run.
    if sys.version_info >= (3, 3):
        raise ImportError("No module named 'sitecustomize'", name="sitecustomize")
    raise ImportError("No module named sitecustomize")
