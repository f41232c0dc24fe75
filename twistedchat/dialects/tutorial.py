"""What the tutorial's own client speaks: pieces of ASCII, ended by nothing at all.

It sends its bare nickname once, then each message as ``nickname: text``, all of
it without line ends. It compares what one ``recv(1024)`` brings with ``NICK``,
decodes ASCII, and gives up at the first error. So what it is told are text lines
in ASCII; and of what it says the nickname in front is taken off, for who speaks
is known from the connection and cannot be forged.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from msgspec import Struct, structs

from twistedchat.chat.errors import BadText

if TYPE_CHECKING:
    from twistedchat.chat.events import Entry, Ref
    from twistedchat.chat.prefs import Prefs
    from twistedchat.dialects.line import LineDialect
    from twistedchat.dialects.requests import Request
    from twistedchat.dialects.wire import Answer, Past, View

WRITE_MOST = 1000
"""Bytes that one write may have, so that one ``recv(1024)`` takes it whole."""


class TutorialDialect(Struct, frozen=True):
    """Text lines in ASCII, put as `text` puts them."""

    text: LineDialect

    def preferring(self, prefs: Prefs) -> TutorialDialect:
        """Return this dialect as somebody with these preferences wants it."""
        return structs.replace(self, text=self.text.preferring(prefs))

    @property
    def echo(self) -> bool:
        """Whether a sender hears what they said themselves."""
        return self.text.echo

    def view(self, room: str, *, active: bool) -> View:
        """Return how a room is looked at, as people do."""
        return self.text.view(room, active=active)

    def decode(self, line: bytes, *, named: bool) -> Request:
        """Return what one message asks for; it has no ``nickname: `` in front any more."""
        if not line.isascii():
            raise BadText("That message is not ASCII, as this client's are.")
        return self.text.decode(line, named=named)

    def encode(self, entry: Entry, view: View) -> bytes:
        """Return the lines that tell of an entry, in ASCII."""
        return in_ascii(self.text.encode(entry, view))

    def replay(self, past: Past, view: View) -> bytes:
        """Return the past under its mark, in ASCII."""
        return in_ascii(self.text.replay(past, view))

    def hidden(self, entry: Entry, view: View) -> bytes:
        """Return nothing, as people are shown nothing of it."""
        return self.text.hidden(entry, view)

    def answer(self, answer: Answer, ref: Ref | None) -> bytes:
        """Return the lines that answer one person, in ASCII."""
        return in_ascii(self.text.answer(answer, ref))


def messages(segment: bytes, prefix: bytes) -> list[bytes]:
    """Split one segment into its messages: at newlines, and before each further ``prefix``."""
    found: list[bytes] = []
    for line in segment.replace(b"\r", b"\n").split(b"\n"):
        first, *further = line.split(prefix) if prefix else [line]
        found += [piece for piece in (first, *further) if piece]
    return found


def in_ascii(text: bytes) -> bytes:
    """Return `text` in ASCII with plain newlines: letters without their accents, the rest as question marks."""
    plain = text.replace(b"\r\n", b"\n")
    if plain.isascii():
        return plain
    parted = unicodedata.normalize("NFKD", plain.decode())
    return "".join(char for char in parted if not unicodedata.combining(char)).encode("ascii", "replace")


def pieces(chunk: bytes) -> list[bytes]:
    """Cut a chunk into writes of at most `WRITE_MOST` bytes, at line ends where there are any."""
    cut: list[bytes] = []
    while len(chunk) > WRITE_MOST:
        end = chunk.rfind(b"\n", 0, WRITE_MOST) + 1 or WRITE_MOST
        cut.append(chunk[:end])
        chunk = chunk[end:]
    return [*cut, chunk]
