"""Server-sent events, and lines of JSON, out of chunks."""

# Bytes of one event or one body; what is longer is not parsed, and the span says `truncated`.
LIMIT = 16 * 1024 * 1024


class Events:
    """Server-sent events out of chunks that may be cut anywhere. https://html.spec.whatwg.org/#event-stream"""

    def __init__(self, listener):
        self._listener = listener
        self._rest = b""
        self._data = []
        self._after_return = False

    def feed(self, chunk):
        """Calls the listener with the data of each event that ends in `chunk`; returns whether any did."""
        if self._after_return and chunk[:1] == b"\n":
            chunk = chunk[1:]
        self._after_return = chunk.endswith(b"\r")
        lines = (self._rest + chunk).replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        self._rest = lines.pop()
        if len(self._rest) > LIMIT:
            self._rest = b""
        found = False
        for line in lines:
            if not line:
                found = self.end() or found
            elif line.startswith(b"data:"):
                self._data.append(line[6:] if line[5:6] == b" " else line[5:])
        return found

    def end(self):
        if not self._data:
            return False
        data = b"\n".join(self._data).decode("utf-8", "replace")
        self._data = []
        self._listener(data)
        return True


class Lines:
    """JSON texts that are a line each, out of chunks that may be cut anywhere."""

    def __init__(self, listener):
        self._listener = listener
        self._rest = b""

    def feed(self, chunk):
        """Calls the listener with each line that ends in `chunk`; returns whether any did."""
        lines = (self._rest + chunk).split(b"\n")
        self._rest = lines.pop()
        if len(self._rest) > LIMIT:
            self._rest = b""
        lines = [line for line in lines if line.strip()]
        for line in lines:
            self._listener(line.decode("utf-8", "replace"))
        return bool(lines)

    def end(self):
        rest, self._rest = self._rest, b""
        if rest.strip():
            self._listener(rest.decode("utf-8", "replace"))
        return bool(rest.strip())
