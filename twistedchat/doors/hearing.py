"""What one visit hears: the rooms it listens to, and how it comes to the point where it hears them live."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twistedchat.dialects.wire import Live, Past

if TYPE_CHECKING:
    from collections.abc import Sequence

    from twistedchat.chat.events import Entry
    from twistedchat.chat.room import Room
    from twistedchat.chat.session import Session
    from twistedchat.doors.audience import Audience
    from twistedchat.doors.line import ChatProtocol

PAGE = 200
"""Entries that are read at a time for somebody who catches up."""
PAGE_CHARACTERS = 64 * 1024
"""And the text of them that is told at a time; the rest is read again when it has been taken."""


class Hearing:
    """The audiences that one session stands in."""

    def __init__(self, connection: ChatProtocol, session: Session) -> None:
        self._connection = connection
        self._session = session
        self._audiences: dict[Room, Audience] = {}

    async def begin(self, room: Room, after: int | None) -> None:
        """Tell what was said after `after` (None: the last few), then what is said from now on.

        Pages are read no faster than the peer takes them. In the turn in which one
        reaches what has settled, the peer joins the audience: nothing is told twice,
        and nothing is left out.
        """
        self.end(room)
        connection, factory = self._connection, self._connection.factory
        dialect = connection.voice.dialect
        view = dialect.view(room.name, active=room is self._session.active)
        seen = max(0, room.head - factory.terms.replay) if after is None else after
        replayed = 0
        while seen < room.head and not self._session.gone:
            entries = _fitting(await factory.chat.read(self._session, room, seen, PAGE))
            begins = 0 if replayed else room.head - seen
            past = Past(room.name, entries, room.head, factory.now(), begins)
            connection.voice.put(dialect.replay(past, view))
            seen, replayed = entries[-1].seq, replayed + len(entries)
            await connection.voice.outbox.when_level()
        if not self._session.gone:
            connection.voice.answer(Live(room.name, seen, replayed), None)
            self._audiences[room] = factory.audiences.join(room, dialect, view, self._session, connection.voice.sink)

    def turn_to(self, active: Room | None) -> None:
        """Hear each room as it is heard from the `active` one."""
        voice, audiences = self._connection.voice, self._connection.factory.audiences
        for room in list(self._audiences):
            self.end(room)
            view = voice.dialect.view(room.name, active=room is active)
            self._audiences[room] = audiences.join(room, voice.dialect, view, self._session, voice.sink)

    def end(self, room: Room) -> None:
        """Hear nothing more of the room."""
        audience = self._audiences.pop(room, None)
        if audience is not None:
            self._connection.factory.audiences.leave(room, audience, self._session)

    def end_all(self) -> None:
        """Hear nothing more at all."""
        for room in list(self._audiences):
            self.end(room)


def _fitting(entries: Sequence[Entry]) -> Sequence[Entry]:
    """Return as many of the entries as make one page, one at least."""
    characters = 0
    for count, entry in enumerate(entries, 1):
        characters += len(getattr(entry.event, "text", ""))
        if characters > PAGE_CHARACTERS:
            return entries[:count]
    return entries
