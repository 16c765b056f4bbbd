"""Brings up the SDK's core once, and one of its instrumentors per library, when `watch` says that the library is there."""
import os
import sys
import threading

from . import report, requirements, sdk

# A fork while another thread arms would leave the child with a lock that nobody opens: then it waits no longer than this.
PATIENCE = 10.0

_lock = threading.RLock()
_state = {"armed": False, "off": False, "provider": None, "names": []}


def stand_down(reason):
    """The program looks after itself: from now on we do nothing, and what is armed falls silent."""
    if _state["armed"]:
        hand_over(reason)
    elif not _state["off"]:
        report.stood_down("already_instrumented", reason, loud=False)
    _state["off"] = True


def instrument(name, trigger):
    """Arms the core if needed, then the instrumentor `name`, whose library is `trigger`. Raises nothing of ours."""
    if _state["off"] or not _lock.acquire(timeout=PATIENCE):
        return
    try:
        if not _state["armed"] and not _core():
            _state["off"] = True
            return
        _one(name, trigger)
    finally:
        _lock.release()


def _core():
    found = requirements.conflict()
    if found is not None:
        report.stood_down("incompatible_libraries", "%s %s is installed, and OpenLIT needs %s" % found)
        return False
    if _protocol_problem():
        return False
    # Behind a symbolic link the files of the copy would carry another name than the one that our finder knows them by.
    path = os.path.realpath(sdk.folder())
    if not os.path.isfile(os.path.join(path, ".complete")):
        report.stood_down(
            "no_sdk",
            "there is no copy of the SDK for this Python (%s); make one with: "
            "openlit-instrument setup python --python %s" % (sdk.tag(), sys.executable),
        )
        return False
    with _quiet_imports():
        sdk.serve(path)
        from . import core

        _state["provider"] = core.start(path)
    _state["armed"] = True
    return True


def _protocol_problem():
    from . import settings

    if settings.exporter("traces") == "otlp" and settings.protocol("traces") == "grpc":
        report.stood_down(
            "unsupported_protocol",
            "OTLP over gRPC is not available in Python programs; use --protocol http/protobuf with the collector's HTTP "
            "port, as in --endpoint %s" % settings.http_neighbour(),
        )
        return True
    return False


def _one(name, trigger):
    from . import core, exchange

    with _quiet_imports():
        problems = core.instrument(name, _state["provider"])
        exchange.watch_clients()
    if problems:
        report.status("partial", "; ".join(problems), instrumentor=name, library=trigger)
        report.say("%s is only partly observed (%s)" % (trigger, problems[0]))
    else:
        _state["names"].append(name)
        report.status("success", "armed by the import of " + trigger, instrumentor=name, library=trigger)


def hand_over(reason):
    """The program brought up openlit itself: its own wins. Our copy leaves the module table, our wrappers fall silent."""
    if _state["off"] or not _state["armed"]:
        return
    _state["off"] = True
    from . import core

    core.silence()
    for module in [each for each in sys.modules if each == "openlit" or each.startswith("openlit.")]:
        del sys.modules[module]
    report.status("already_instrumented", reason)


class _quiet_imports:
    """While our imports run: no warning of theirs reaches the program, also under `-W error`."""

    def __enter__(self):
        import warnings

        self._warnings = warnings.catch_warnings()
        self._warnings.__enter__()
        warnings.simplefilter("ignore")

    def __exit__(self, *error):
        self._warnings.__exit__(*error)
        return False
