"""Which exchange belongs to which span, and who ends a span that nobody else will."""
import weakref

from opentelemetry.sdk.trace.sampling import Sampler

from . import exchange


class Call:
    """One span of the SDK and the exchange that it stands for."""

    __slots__ = ("span", "exchange", "alone", "replaced", "_kept", "_ours_to_end")

    def __init__(self, span, forget):
        self.span = weakref.ref(span, lambda _: forget(self))
        self.exchange = None
        # The span is our own: the SDK has none for this request, or none yet.
        self.alone = False
        # Another span tells of this call.
        self.replaced = False
        self._kept = None
        self._ours_to_end = False

    def open(self):
        span = self.span()
        return span is not None and span.end_time is None

    def made(self):
        """The span is our own, and so is its end."""
        self.alone = True
        self._kept = self.span()

    def begin(self, exchange):
        """An exchange of this call begins. From now on the span is ours to end, should everybody else let go of it."""
        self.exchange = exchange
        self._kept = self.span()

    def ends_with_exchange(self):
        """Nobody else will end the span."""
        self._ours_to_end = True
        if self.exchange.end is not None:
            self.closed()

    def closed(self):
        """The exchange has ended: if the SDK does not end the span now, the program has left the stream."""
        span, self._kept = self._kept, None
        if span is None or span.end_time is not None:
            return
        if self._ours_to_end or (self.alone and not self.exchange.streamed):
            span.end(max(self.exchange.end, span.start_time))
        else:
            left.append((self.exchange.end, span, self.exchange))
            if wake is not None:
                wake()


class LeftOut:
    """Stands for a span that the sampler left out, until its request is made."""

    alone = False
    exchange = None

    def __init__(self):
        self._open = True

    def span(self):
        return None

    def open(self):
        return self._open

    def begin(self, exchange):
        self._open = False

    def closed(self):
        pass


def adopt(call, model):
    """Some instrumentors let go of the span of a stream and make another one when the stream has ended.

    :param call: of an ended span that has no exchange; it gets that of the span that was let go, which never leaves
    :param model: what the SDK calls the model, or None
    """
    for item in left[:]:
        first = item[2].call
        if first is not None and model in (None, item[2].request.get("gen_ai.request.model")):
            left.remove(item)
            first.replaced = True
            call.exchange = item[2]
            return


# Spans of exchanges that ended while the SDK's span stays open: (end in Unix ns, span, exchange).
left = []
# Called when there is work for the sweeper; set by `providers`.
wake = None


def started(span, forget):
    """The SDK has begun a span: an exchange in this context belongs to it.

    :param forget: called with the Call when the span has gone without an end
    """
    call = Call(span, forget)
    exchange.current.set(call)
    return call


class NotedSampler(Sampler):
    """Lets a call that the sampler left out be left out as a whole: its request must not become a call of its own."""

    def __init__(self, real):
        self._real = real

    def should_sample(self, *args, **kwargs):
        result = self._real.should_sample(*args, **kwargs)
        if not result.decision.is_recording():
            exchange.current.set(LeftOut())
        return result

    def get_description(self):
        return self._real.get_description()
