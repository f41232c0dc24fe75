"""What one visit hears: the rooms it listens to, and how it comes to the point where it hears them live."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twistedchat.chat.acts import RoomRenamed
from twistedchat.dialects.wire import Gap, Live, Past

if TYPE_CHECKING:
    from collections.abc import Sequence

    from twistedchat.chat.events import Entry
    from twistedchat.chat.room import Room
    from twistedchat.chat.session import Session
    from twistedchat.dialects.wire import View
    from twistedchat.doors.audience import Audience
    from twistedchat.doors.line import ChatProtocol

PAGE = 200
"""Entries that are read at a time for somebody who catches up."""
PAGE_CHARACTERS = 64 * 1024
"""And the text of them that is told at a time; the rest is read again when it has been taken."""


class Hearing:
    """The audiences that one session stands in; what it types goes to the `active` room, as far as it was told."""

    __slots__ = ("_audiences", "_connection", "_session", "active")

    def __init__(self, connection: ChatProtocol, session: Session) -> None:
        self._connection = connection
        self._session = session
        self._audiences: tuple[Audience, ...] = ()
        self.active: Room | None = None

    async def begin(self, room: Room, after: int | None, opening: bytes) -> None:
        """Tell what was said after `after` (None: the last few), as far as it may be read, then what is said now.

        All that follows the `opening`, and goes with it where there is nothing to read.

        Pages are read no faster than the peer takes them. In the turn in which one
        reaches what has settled, the peer joins the audience: nothing is told twice,
        and nothing is left out. Whoever is put out of the room meanwhile hears no more of
        it; who may not read it is refused.
        """
        self.end(room)
        self.active = self._session.active
        factory, voice = self._connection.factory, self._connection.voice
        floor = factory.chat.archive.floor(self._session, room, factory.now())
        seen = max(floor, room.head - factory.terms.replay if after is None else after)
        if after is not None and after < floor:
            opening += voice.dialect.answer(Gap(room.name, after, floor), None)
        name, began, replayed = room.name, room.head, 0
        if seen < room.head:
            voice.put(opening)
            opening = b""
        while seen < room.head and self._listens(room):
            head = room.head
            entries = fitting(await factory.chat.read(self._session, room, seen, PAGE, factory.now()))
            if not entries:
                seen = head
            if not entries or not self._listens(room):
                continue
            begins = 0 if replayed else room.head - seen
            ignoring = self._session.person.prefs.ignoring
            entries = _to_renaming(entries, began)
            past = Past(name, entries, room.head - floor, factory.now(), begins, ignoring)
            voice.put(voice.dialect.replay(past, voice.dialect.view(name, active=room is self.active)))
            seen, replayed = entries[-1].seq, replayed + len(entries)
            name = _name_after(entries[-1], began) or name
            await voice.outbox.when_level()
        if self._listens(room):
            if live := opening + voice.dialect.answer(Live(room.name, seen, replayed), None):
                voice.put(live)
            self._join(room)

    def turn_to(self, active: Room | None) -> None:
        """Hear each room as it is heard from the `active` one, and in the dialect that is spoken now."""
        self.active = active
        for audience in self._audiences:
            self.end(audience.room)
            self._join(audience.room)

    def put_out(self, room: Room, last: Entry | None) -> str:
        """Hear nothing more of a room that the session was taken out of, after that `last` entry of it.

        Return where what it types goes now, if it went there; else "".
        """
        voice, was_active = self._connection.voice, room is self.active
        rooms = [each.room for each in self._audiences]
        if last is not None and room not in rooms:  # it was still being told what was said before
            voice.put(voice.dialect.encode(last, self._view(room)))
        self.end(room)
        self.turn_to(self._session.active)
        if not was_active:
            return ""
        return f"What you type goes to {self.active.name} now." if self.active else "You are in no room: /join one."

    def end(self, room: Room) -> None:
        """Hear nothing more of the room."""
        for audience in self._audiences:
            if audience.room is room:
                self._connection.factory.audiences.leave(audience, self._session)
        self._audiences = tuple(each for each in self._audiences if each.room is not room)

    def end_all(self) -> None:
        """Hear nothing more at all."""
        for audience in self._audiences:
            self._connection.factory.audiences.leave(audience, self._session)
        self._audiences = ()

    def _listens(self, room: Room) -> bool:
        return not self._session.gone and room.id in self._session.rooms

    def _view(self, room: Room) -> View:
        return self._connection.voice.dialect.view(room.name, active=room is self.active)

    def _join(self, room: Room) -> None:
        voice, audiences = self._connection.voice, self._connection.factory.audiences
        audience = audiences.join(room, voice.dialect, self._view(room), self._session, voice.ear)
        self._audiences = (*self._audiences, audience)


def _to_renaming(entries: Sequence[Entry], began: int) -> Sequence[Entry]:
    """Return the entries as far as they carry the same name of the room, which it had when its head was `began`."""
    for count, entry in enumerate(entries, 1):
        if _name_after(entry, began):
            return entries[:count]
    return entries


def _name_after(entry: Entry, began: int) -> str:
    """Return how the room is called after that entry, if that is another name than when its head was `began`."""
    return entry.event.to if type(entry.event) is RoomRenamed and entry.seq > began else ""


def fitting(entries: Sequence[Entry]) -> Sequence[Entry]:
    """Return as many of the entries as make one page, one at least."""
    characters = 0
    for count, entry in enumerate(entries, 1):
        characters += len(getattr(entry.event, "text", ""))
        if characters > PAGE_CHARACTERS:
            return entries[:count]
    return entries
