"""What comes from a peer, read as it comes and waited for with a deadline."""

from __future__ import annotations

import os
import select
import time
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable
    from typing import Self

DEADLINE = 30.0
"""Seconds within which whatever is waited for must have come; nothing is ever measured."""
PAUSE = 0.02


def eventually(done: Callable[[], bool], what: str) -> None:
    """Wait until something is so."""
    until = time.monotonic() + DEADLINE
    while not done():
        assert time.monotonic() < until, f"{what}: not within {DEADLINE:g} s"
        time.sleep(PAUSE)


class Readable(Protocol):
    """Something that the kernel says can be read."""

    def fileno(self) -> int: ...

    def read(self) -> bytes: ...


class Descriptor:
    """A pipe or a terminal."""

    def __init__(self, number: int) -> None:
        self._number = number

    def fileno(self) -> int:
        return self._number

    def read(self) -> bytes:
        return os.read(self._number, 65536)


class Socket:
    """A connection."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection

    def fileno(self) -> int:
        return self._connection.fileno()

    def read(self) -> bytes:
        return self._connection.recv(65536)


class Reader:
    """Everything that has come so far, and how much of it a test has looked at."""

    def __init__(self, source: Readable) -> None:
        self._source = source
        self._looked_at = 0
        self.raw = bytearray()
        self.ended = False

    @property
    def lines(self) -> list[str]:
        """All whole lines so far."""
        return [line.removesuffix("\r") for line in self.raw.decode(errors="replace").split("\n")[:-1]]

    def shows(self, text: str) -> str:
        """Wait until `text` has come, anywhere after what was waited for before; return what came before it."""
        wanted = text.encode()
        self._until(lambda: self.raw.find(wanted, self._looked_at) >= 0, text)
        start = self.raw.index(wanted, self._looked_at)
        before = self.raw[self._looked_at : start]
        self._looked_at = start + len(wanted)
        return before.decode(errors="replace")

    def sees(self, *lines: str) -> list[str]:
        """Wait until these lines have come, one after another; return the lines between them."""
        between: list[str] = []
        for line in lines:
            between += self._see(line)
        return between

    def ends(self) -> bytes:
        """Wait until nothing more can come; return all that ever came."""
        self._until(lambda: self.ended, "the end")
        return bytes(self.raw)

    def catches_up(self) -> None:
        """Take what is there, without waiting."""
        while not self.ended and select.select([self._source], [], [], 0)[0]:
            self._take()

    def waits(self, done: Callable[[Self], bool], what: str) -> None:
        """Wait until what has come is as it should be."""
        self._until(lambda: done(self), what)

    @property
    def _tail(self) -> str:
        return self.raw[-2000:].decode(errors="replace")

    def _see(self, line: str) -> list[str]:
        between: list[str] = []
        while True:
            self._until(lambda: self.raw.find(b"\n", self._looked_at) >= 0, line)
            end = self.raw.index(b"\n", self._looked_at)
            found = self.raw[self._looked_at : end].decode(errors="replace").removesuffix("\r")
            self._looked_at = end + 1
            if found == line:
                return between
            between.append(found)

    def _until(self, done: Callable[[], bool], what: str) -> None:
        until = time.monotonic() + DEADLINE
        while not done():
            left = until - time.monotonic()
            assert left > 0, f"{what!r} did not come within {DEADLINE:g} s; what came: {self._tail!r}"
            assert not self.ended, f"{what!r} did not come before the end; what came: {self._tail!r}"
            if select.select([self._source], [], [], left)[0]:
                self._take()

    def _take(self) -> None:
        try:
            data = self._source.read()
        except OSError:  # reset, or a terminal whose other side is gone
            data = b""
        self.raw += data
        self.ended = not data
