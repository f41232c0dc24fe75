"""How one peer is spoken to: in its dialect, through its outbox, until the goodbye."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twistedchat.dialects.tutorial import TutorialDialect, pieces

if TYPE_CHECKING:
    from twistedchat.chat.events import Ref
    from twistedchat.chat.prefs import Prefs
    from twistedchat.dialects.wire import Answer, Dialect, Farewell
    from twistedchat.doors.outbox import Outbox


class Voice:
    """Puts answers into the peer's dialect; after the goodbye nothing more is said."""

    __slots__ = ("closed", "dialect", "outbox")

    def __init__(self, outbox: Outbox, dialect: Dialect) -> None:
        self.outbox = outbox
        self.dialect = dialect
        self.closed = False

    def put(self, chunk: bytes) -> None:
        """Send bytes, in pieces where the peer cannot take them whole."""
        if isinstance(self.dialect, TutorialDialect):
            for piece in pieces(chunk):
                self.outbox.put(piece)
        else:
            self.outbox.put(chunk)

    @property
    def ear(self) -> Voice | Outbox:
        """What takes a room's chunks: the outbox itself, where they need not be cut."""
        return self if isinstance(self.dialect, TutorialDialect) else self.outbox

    def prefer(self, prefs: Prefs) -> None:
        """Speak as somebody prefers it; whoever prefers nothing shares the dialect with all others."""
        preferred = self.dialect.preferring(prefs)
        if preferred != self.dialect:
            self.dialect = preferred

    def answer(self, answer: Answer, ref: Ref | None = None) -> None:
        """Tell this peer only."""
        frame = self.dialect.answer(answer, ref)
        if frame:
            self.put(frame)

    def lost(self) -> None:
        """Say nothing more: there is nobody to hear it."""
        self.closed = True
        self.outbox.lost()

    def close(self, farewell: Farewell | None = None) -> None:
        """Say goodbye, and end the connection when the peer has all that it is owed."""
        if not self.closed:
            self.closed = True
            self.outbox.close(self.dialect.answer(farewell, None) if farewell else b"")
