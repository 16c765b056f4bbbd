"""Our only words: one line on stderr per process when something of ours fails, and lines for the status file."""
import os
import sys

_said = set()


def say(text):
    """One line on stderr, once each. Tolerates a program that has closed its stderr."""
    if text in _said or os.environ.get("OPENLIT_INSTRUMENT_QUIET") == "1":
        return
    _said.add(text)
    _write("openlit-instrument: %s\n" % text)


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
    except Exception:
        pass
    if debug:
        _write("openlit-instrument: " + text)


def _write(text):
    """Writes to stderr where that waits for nobody and kills nobody: not into a full pipe, nor into one whose reader is gone."""
    try:
        from select import POLLERR, POLLHUP, POLLOUT, poll

        look = poll()
        # The program's own object in its place may be a log, and its buffer waits by itself.
        number = sys.__stderr__.fileno()
        look.register(number, POLLOUT)
        if [events & (POLLOUT | POLLERR | POLLHUP) for _, events in look.poll(0)] == [POLLOUT]:
            sys.stderr.flush()
            os.write(number, text.encode("utf-8", "replace")[:4096])
    except Exception:
        pass


def failed(reason):
    """Our part does not work here; the program goes on."""
    status("internal_error", reason)
    say("Python hook failed (%s); the program runs un-instrumented" % reason)
