"""What the chat asks of a way in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Sequence

    from twistedchat.chat.events import Placed, Settled
    from twistedchat.chat.prefs import Prefs
    from twistedchat.chat.room import Room
    from twistedchat.chat.session import Session


class News(Struct):
    """One committed batch, for the doors to tell: everything, and then who hears what of it.

    `rooms` has the entries of each room, `direct` those for a few people only; both
    in the order of the log. Who was taken `out` of a room in it hears only so many of the
    room's entries, the one that did so included.
    """

    settled: Sequence[Settled]
    rooms: dict[Room, list[Placed]]
    direct: list[tuple[Placed, list[Session]]]
    out: dict[Room, dict[Session, int]]


class Door(Protocol):
    """It tells its own people what is new."""

    def broadcast(self, news: News) -> None:
        """Tell the people of this door; never raises, never blocks, never calls the chat."""
        ...

    def prefer(self, session: Session, prefs: Prefs) -> None:
        """Tell this visit things in this manner from now on, if it is one of this door's."""
        ...

    def dismiss(self, session: Session, code: str, text: str) -> None:
        """End this visit if it is one of this door's, and tell it why."""
        ...
