"""Standard input and output as a shell has them: lines to send, and lines to print."""

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IHalfCloseableProtocol, IPushProducer
from twisted.internet.protocol import Protocol, connectionDone
from twisted.protocols.basic import LineReceiver
from twisted.python.failure import Failure
from zope.interface import implementer

_LINE_BYTES = 1 << 20


@contextmanager
def blocking_kept(*descriptors: int) -> Iterator[None]:
    """Leave the shell's descriptors as they were: others share them."""
    before = [os.get_blocking(descriptor) for descriptor in descriptors]
    try:
        yield
    finally:
        for descriptor, blocking in zip(descriptors, before, strict=True):
            os.set_blocking(descriptor, blocking)


def nothing() -> int:
    """Open what a program reads that is to read nothing."""
    return os.open(os.devnull, os.O_RDONLY)


def is_pipe(descriptor: int) -> bool:
    """Tell whether somebody reads there, who may well stop."""
    mode = os.fstat(descriptor).st_mode
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)


@implementer(IHalfCloseableProtocol, IPushProducer)
class Lines(LineReceiver):
    """Cuts standard input into lines, numbered from 1; the last one may lack its end.

    It stands still while the window of unacknowledged lines is full or the
    network is slower than the pipe.
    """

    delimiter = b"\n"
    MAX_LENGTH = _LINE_BYTES

    def __init__(self, take: Callable[[int, bytes], None], at_end: Callable[[], None]) -> None:
        self.closed: Deferred[None] = Deferred()
        """Fires when all that could be printed has been."""
        self._take = take
        self._at_end = at_end
        self._number = 0
        self._reasons: set[str] = set()
        self._eof = False
        self._done = False

    def hold(self, reason: str) -> None:
        """Stand still for a reason; nothing more is taken until all reasons are gone."""
        self._reasons.add(reason)
        if not self.paused and self.transport is not None:
            super().pauseProducing()

    def release(self, reason: str) -> None:
        """Take a reason back."""
        self._reasons.discard(reason)
        if self.paused and not self._reasons and self.transport is not None:
            super().resumeProducing()
            self._finish()

    def pauseProducing(self) -> None:
        """Stand still: the network is slower."""
        self.hold("network")

    def resumeProducing(self) -> None:
        """Go on: the network is ready."""
        self.release("network")

    def stopProducing(self) -> None:
        """Stand still: the connection is gone until the next one takes its place."""
        self.hold("network")

    def connectionMade(self) -> None:
        """Stand still at once if there was a reason before there was a pipe."""
        if self._reasons:
            super().pauseProducing()

    def dataReceived(self, data: bytes) -> None:
        """Cut into lines, unless the end has been told already."""
        if not self._done:
            super().dataReceived(data)

    def lineReceived(self, line: bytes) -> None:
        """Take one line."""
        self._number += 1
        self._take(self._number, line.removesuffix(b"\r"))

    def lineLengthExceeded(self, line: bytes) -> None:
        """Take what nobody would store, and read no further: the rest has no lines."""
        self.lineReceived(line)
        self.readConnectionLost()

    def readConnectionLost(self) -> None:
        """Take note that no more comes."""
        self._eof = True
        self._finish()

    def writeConnectionLost(self) -> None:
        """Go on: whoever does not read the acknowledgements still wants the lines stored."""
        if not self.closed.called:
            self.closed.callback(None)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Take note that no more comes."""
        del reason
        self.readConnectionLost()
        self.writeConnectionLost()

    def _finish(self) -> None:
        if not self._eof or self.paused or self._done:
            return
        self._done = True
        rest = self.clearLineBuffer()
        if rest:
            self.lineReceived(rest)
        self._at_end()


@implementer(IHalfCloseableProtocol)
class Output(Protocol):
    """Prints to standard output; ``closed`` fires when that takes no more."""

    def __init__(self) -> None:
        self.closed: Deferred[None] = Deferred()

    def print(self, line: bytes) -> None:
        """Print one line, which has its end."""
        if self.transport is not None:
            self.transport.write(line)

    def readConnectionLost(self) -> None:
        """Go on: nothing is read here."""

    def writeConnectionLost(self) -> None:
        """End: nobody listens."""
        if not self.closed.called:
            self.closed.callback(None)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """End."""
        del reason
        self.writeConnectionLost()
