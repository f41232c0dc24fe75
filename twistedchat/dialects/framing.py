"""Bytes, however they are cut, become the lines or messages that a peer has sent."""

from __future__ import annotations

from typing import Protocol

from msgspec import Struct

from twistedchat.dialects.tutorial import messages

UNENDED_MOST = 64 * 1024
"""Bytes without a line end; a peer that sends more of them is not talking to us."""


class Framing(Protocol):
    """How one peer's bytes are cut."""

    def feed(self, data: bytes) -> list[bytes]:
        """Take bytes, and return what they complete; raise `OverflowError` where they never end."""
        ...

    def end(self) -> list[bytes]:
        """Return what is left when nothing more will come."""
        ...


class Lines(Struct, gc=False):
    """Lines end with LF, CRLF, or telnet's CR NUL; a chunk is cut once, not once a line."""

    rest: bytes = b""

    def feed(self, data: bytes) -> list[bytes]:
        """Take bytes, and return the lines that they complete."""
        if self.rest:
            data = self.rest + data
        if b"\0" in data:
            data = data.replace(b"\r\0", b"\n")
        *lines, self.rest = data.split(b"\n")
        if len(self.rest) > UNENDED_MOST:
            raise OverflowError
        return [line.removesuffix(b"\r") for line in lines]

    def end(self) -> list[bytes]:
        """Return the last line, which nothing ends."""
        rest, self.rest = self.rest, b""
        return [rest] if rest else []


class Segments:
    """The tutorial's client ends nothing: what comes at once is one message, after a first one that is its name."""

    __slots__ = ("_prefix",)

    def __init__(self) -> None:
        self._prefix = b""

    def feed(self, data: bytes) -> list[bytes]:
        """Take one segment, and return its messages, without the name that stands before each."""
        if self._prefix:
            return messages(data, self._prefix)
        self._prefix = data + b": "
        return [data]

    def end(self) -> list[bytes]:
        """Return nothing: a segment is whole when it comes."""
        return []
