"""What must be known at the next start: it is kept in the same transaction as the event that it follows from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twistedchat.chat.acts import Claimed, Dropped, LoggedIn, LoggedOut, RoomSet
from twistedchat.chat.errors import ChatError, NotAllowed
from twistedchat.chat.events import Deleted, Edited
from twistedchat.store.accounts import AccountTables, know_accounts
from twistedchat.store.messages import Index, MessageTables
from twistedchat.store.moderation import ModerationTables
from twistedchat.store.rooms import RoomTables, know_rooms

if TYPE_CHECKING:
    from collections.abc import Callable

    from twistedchat.chat.events import Entry, Proposal
    from twistedchat.store.memory import Memory
    from twistedchat.store.pen import Pen

NEED_ROWS = frozenset({Deleted, Edited})
"""Kinds that change what was stored before: it must be in the database, that of the same batch too."""


def know(pen: Pen, memory: Memory) -> None:
    """Know from the start on what is asked for often."""
    know_accounts(pen, memory)
    know_rooms(pen, memory)


class Projection:
    """Knows which tables follow which event; `head_of` tells a stream's last `seq` in the transaction."""

    def __init__(self, pen: Pen, memory: Memory, head_of: Callable[[str], int]) -> None:
        self._rooms = RoomTables(pen, memory, head_of)
        self._accounts = AccountTables(pen, memory)
        self._moderation = ModerationTables(pen)
        self._messages = MessageTables(pen, Index(pen))

    def refusal(self, proposal: Proposal, number: int, *, overtaken: bool) -> ChatError | None:
        """Return why the event cannot be, if so, before anything of it is; `number` is that of its stream."""
        match proposal.event:
            case Edited() | Deleted() as event:
                return self._messages.refusal(event, number)
            case RoomSet() as event:
                return self._rooms.refusal(event, proposal.stream)
            case Claimed() as event:
                return self._accounts.refusal(event, proposal.at)
            case Dropped(empty=True) if overtaken:
                return NotAllowed("Somebody has come in meanwhile.")
        return None

    def follow(self, entry: Entry, number: int, last_id: int) -> None:
        """Keep what follows from the event; `number` is that of its stream, `last_id` what was given out by then."""
        kind = type(entry.event)
        if kind in RoomTables.follows:
            self._rooms.follow(entry)
        if isinstance(entry.event, LoggedIn | LoggedOut):
            self._moderation.become(entry.by, entry.event.becomes)
        if kind in AccountTables.follows:
            self._accounts.follow(entry, last_id)
        if kind in MessageTables.follows:
            self._messages.follow(entry, number)
        if kind.audited:
            self._moderation.follow(entry)
