"""Our only words: one line on stderr per process when something of ours fails, and lines for the status file."""
import os
import sys

_said = set()


def say(text):
    """One line on stderr, once each. Tolerates a program that has closed its stderr."""
    if text in _said or os.environ.get("OPENLIT_INSTRUMENT_QUIET") == "1":
        return
    _said.add(text)
    try:
        if sys.stderr is not None:
            sys.stderr.write("openlit-instrument: %s\n" % text)
            sys.stderr.flush()
    except Exception:
        pass


def status(result, reason="", **facts):
    """Appends one JSON line to the file named by OPENLIT_INSTRUMENT_STATUS_FILE, if there is one.

    :param result: a word of the list in docs/troubleshooting.md; Node's hook uses the same list
    :param reason: why, for people
    """
    path = os.environ.get("OPENLIT_INSTRUMENT_STATUS_FILE")
    debug = os.environ.get("OPENLIT_INSTRUMENT_DEBUG") == "1"
    if not path and not debug:
        return
    import json

    line = {
        "runtime": "python",
        "version": "%d.%d.%d" % sys.version_info[:3],
        "pid": os.getpid(),
        "executable": sys.executable,
        "result": result,
    }
    if reason:
        line["reason"] = reason
    line.update(facts)
    text = json.dumps(line) + "\n"
    try:
        if path:
            # One write below PIPE_BUF with O_APPEND: lines of several processes do not mix.
            handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                os.write(handle, text.encode("utf-8"))
            finally:
                os.close(handle)
        if debug and sys.stderr is not None:
            sys.stderr.write("openlit-instrument: " + text)
    except Exception:
        pass


def failed(reason):
    """Our part does not work here; the program goes on."""
    status("internal_error", reason)
    say("Python hook failed (%s); the program runs un-instrumented" % reason)
