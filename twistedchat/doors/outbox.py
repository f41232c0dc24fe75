"""What one connection is still owed; nothing else ever writes to it.

An outbox is *level* while its peer takes everything at once: then a chunk costs
one send and nothing is kept. When a send falls short it *lags*: it keeps
references to the chunks, which all who lag share, and the transport asks for more
when it can take more.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Protocol

from twisted.internet.defer import Deferred, succeed
from twisted.internet.interfaces import IConsumer, IPullProducer, IPushProducer
from zope.interface import implementer

from twistedchat.doors.sockets import NOWHERE, Through, kernel_socket, lighten, progress, socket_of, tune

if TYPE_CHECKING:
    from twisted.internet.interfaces import IDelayedCall, IReactorTime

    from twistedchat.doors.sockets import Sends, Wire
    from twistedchat.doors.terms import Terms

FEED = 64 * 1024
"""Bytes given to a transport at a time while it lags."""
CLOSE_SECONDS = 5.0
"""How long a peer may take to read its goodbye."""
CHECKS = 4
"""How often a lagging peer is looked at within the time that it may stall."""


class Owner(Protocol):
    """Whose outbox it is."""

    def ejected(self, why: str) -> None:
        """Know that the connection was ended, because of what its peer did not read."""
        ...


@implementer(IPullProducer, IPushProducer)
class Outbox:
    """The only way to write to one connection.

    The `terms` say how many bytes may be owed, which is tested before a chunk is added, so
    that no single chunk ejects anybody; and for how many seconds nothing may be acknowledged by
    the peer's TCP while something is owed. Whoever is over either is aborted, and
    the `owner` is told why.
    """

    __slots__ = (
        "_clock",
        "_closing",
        "_owed",
        "_owner",
        "_paused",
        "_size",
        "_socket",
        "_still",
        "_terms",
        "_timer",
        "_transport",
        "_waiters",
    )

    def __init__(self, transport: Wire, clock: IReactorTime, terms: Terms, owner: Owner) -> None:
        self._transport = transport
        self._clock = clock
        self._terms = terms
        self._owner = owner
        self._owed: deque[bytes] | None = None
        self._size = 0
        self._closing = False
        self._paused = False
        self._timer: IDelayedCall | None = None
        self._still = 0
        self._waiters: tuple[Deferred[None], ...] = ()
        self._socket: Sends = socket_of(transport) or Through(transport)
        lighten(transport)
        below = kernel_socket(transport)
        if below is not None:
            tune(below)
        if not self._direct:
            IConsumer(transport).registerProducer(self, True)  # noqa: FBT003 - Twisted's signature

    @property
    def _direct(self) -> bool:
        """Whether there is a socket that can be written to beside the transport."""
        return not isinstance(self._socket, Through)

    @property
    def owed(self) -> int:
        """Bytes that the peer is still owed."""
        return self._size

    def put(self, chunk: bytes) -> None:
        """Send `chunk` after everything before it; never raises, never blocks."""
        if self._owed is None:
            try:
                sent = self._socket.send(chunk)
            except BlockingIOError:
                sent = 0
            except OSError:
                self.abort()
                return
            if sent != len(chunk):
                self._lag(chunk[sent:])
        elif self._closing:
            return
        elif 0 < self._terms.backlog_bytes < self._size:
            self._eject(f"it was owed {self._size} bytes and did not read them")
        else:
            self._owed.append(chunk)
            self._size += len(chunk)

    def when_level(self) -> Deferred[None]:
        """Return a Deferred that fires when nothing is owed any more, or the connection is over."""
        if self._owed is None:
            return succeed(None)
        waiter: Deferred[None] = Deferred()
        self._waiters += (waiter,)
        return waiter

    def close(self, last: bytes = b"") -> None:
        """Send `last`, take nothing more, and end the connection when the peer has all it is owed."""
        if self._closing:
            return
        if last:
            self.put(last)
        self._closing = True
        if self._owed is None:
            self._finish()
        else:
            self._clock_out(CLOSE_SECONDS)

    def abort(self) -> None:
        """End the connection at once."""
        self.lost()
        self._transport.abortConnection()

    def lost(self) -> None:
        """Know that the connection is over: what is put from now on goes nowhere."""
        self._closing = True
        self._socket = NOWHERE
        self._owed = None
        self._size = 0
        self._stop_timer()
        self._tell_waiters()

    # --- what the transport calls ---------------------------------------------------------

    def resumeProducing(self) -> None:
        """Feed the transport, which can take more."""
        self._paused = False
        self._still = 0
        while self._owed and not self._paused:
            self._transport.write(self._next_feed())
            if self._direct:
                return
        if self._owed is not None and not self._paused:
            self._level()

    def pauseProducing(self) -> None:
        """Keep what comes until the transport can take more (only where there is no socket to ask)."""
        self._paused = True
        if self._owed is None:
            self._owed = deque()
            self._watch()

    def stopProducing(self) -> None:
        """Know that the transport is going away."""
        self.lost()

    # --- level and lagging -------------------------------------------------------------------

    def _lag(self, rest: bytes) -> None:
        self._owed = deque((rest,))
        self._size = len(rest)
        self._watch()
        IConsumer(self._transport).registerProducer(self, False)  # noqa: FBT003 - Twisted's signature

    def _next_feed(self) -> bytes:
        part: list[bytes] = []
        size = 0
        while self._owed and size < FEED:
            chunk = self._owed.popleft()
            part.append(chunk)
            size += len(chunk)
        self._size -= size
        return b"".join(part)

    def _level(self) -> None:
        self._owed = None
        self._stop_timer()
        if self._direct:
            IConsumer(self._transport).unregisterProducer()
        self._tell_waiters()
        if self._closing:
            self._finish()

    def _finish(self) -> None:
        if not self._direct:
            IConsumer(self._transport).unregisterProducer()
        self._socket = NOWHERE
        self._transport.loseConnection()
        self._clock_out(CLOSE_SECONDS)

    def _clock_out(self, seconds: float) -> None:
        self._stop_timer()
        self._timer = self._clock.callLater(seconds, self.abort)

    def _tell_waiters(self) -> None:
        """Let those go on who wait, but not from within a send: they may be told of the same news."""
        waiters, self._waiters = self._waiters, ()
        for waiter in waiters:
            self._clock.callLater(0, waiter.callback, None)

    # --- a peer that does not read ----------------------------------------------------------

    def _watch(self) -> None:
        """Begin to look whether the peer's TCP acknowledges anything."""
        if self._terms.stalled_seconds and not self._closing:
            self._still = 0
            self._look_later()

    def _look_later(self) -> None:
        acked = progress(kernel_socket(self._transport))
        self._timer = self._clock.callLater(self._terms.stalled_seconds / CHECKS, self._look, acked)

    def _look(self, before: int | None) -> None:
        self._timer = None
        self._still = self._still + 1 if progress(kernel_socket(self._transport)) == before else 0
        if self._still >= CHECKS:
            self._eject(f"it read nothing for {self._terms.stalled_seconds:g} s")
        else:
            self._look_later()

    def _stop_timer(self) -> None:
        if self._timer is not None and self._timer.active():
            self._timer.cancel()
        self._timer = None

    def _eject(self, why: str) -> None:
        self.abort()
        self._owner.ejected(why)
