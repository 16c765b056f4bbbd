"""Stands in for the byte stream inside a response, so that its chunks can be seen while they pass."""
from collections.abc import AsyncGenerator, Generator


def seen_stream(base):
    """A class over the HTTP client's own `SyncByteStream` or `AsyncByteStream`; made once for each."""
    found = _classes.get(base)
    if found is None:
        found = _classes[base] = _async_stream(base) if "Async" in base.__name__ else _sync_stream(base)
    return found


_classes = {}


class _Chunks(Generator):
    """The chunks of one answer as they pass. Delegates to the inner generator instead of being one more around it: an
    event loop that ends closes all its generators by themselves, and a longer chain then fails where the bare one does not.
    """

    def __init__(self, inner, exchange):
        self._inner = inner
        self._exchange = exchange

    def __next__(self):
        return self.send(None)

    def send(self, value):
        try:
            data = next(self._inner)
        except StopIteration:
            self._exchange.closed(True)
            raise
        self._exchange.chunk(data)
        return data

    def throw(self, *error):
        return self._inner.throw(*error) if hasattr(self._inner, "throw") else super().throw(*error)

    def close(self):
        if hasattr(self._inner, "close"):
            self._inner.close()


class _AsyncChunks(AsyncGenerator):
    """As `_Chunks`."""

    def __init__(self, inner, exchange):
        self._inner = inner
        self._exchange = exchange

    async def __anext__(self):
        return await self.asend(None)

    async def asend(self, value):
        try:
            data = await self._inner.__anext__()
        except StopAsyncIteration:
            self._exchange.closed(True)
            raise
        self._exchange.chunk(data)
        return data

    async def athrow(self, *error):
        return await (self._inner.athrow(*error) if hasattr(self._inner, "athrow") else super().athrow(*error))

    async def aclose(self):
        if hasattr(self._inner, "aclose"):
            await self._inner.aclose()


def _sync_stream(base):
    class SeenStream(base):
        def __init__(self, inner, exchange):
            self._inner = inner
            self._exchange = exchange

        def __iter__(self):
            return _Chunks(iter(self._inner), self._exchange)

        def close(self):
            try:
                self._inner.close()
            finally:
                self._exchange.closed(False)

        def __getattr__(self, name):
            return getattr(self._inner, name)

        def __del__(self):
            _left(self)

    return SeenStream


def _async_stream(base):
    class SeenStream(base):
        def __init__(self, inner, exchange):
            self._inner = inner
            self._exchange = exchange

        def __aiter__(self):
            return _AsyncChunks(self._inner.__aiter__(), self._exchange)

        async def aclose(self):
            try:
                await self._inner.aclose()
            finally:
                self._exchange.closed(False)

        def __getattr__(self, name):
            return getattr(self._inner, name)

        def __del__(self):
            _left(self)

    return SeenStream


def _left(stream):
    # A stream that nobody holds any more and nobody closed.
    try:
        stream._exchange.closed(False)
    except Exception:
        pass
