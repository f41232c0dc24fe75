"""What was said before: read, searched, corrected and taken back, each as far as one may."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twistedchat.chat.conversations import stream_of
from twistedchat.chat.durations import SECOND
from twistedchat.chat.errors import NotAllowed, NotFound, NotInRoom, SlowDown
from twistedchat.chat.events import Deleted, Edited, Emoted, Proposal, Said
from twistedchat.chat.log import Search
from twistedchat.chat.roles import Permission
from twistedchat.chat.room import Room
from twistedchat.chat.session import Person
from twistedchat.chat.text import message

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from twistedchat.chat.access import Access
    from twistedchat.chat.events import Entry
    from twistedchat.chat.log import Log
    from twistedchat.chat.people import People
    from twistedchat.chat.room import Rooms
    from twistedchat.chat.session import Session

REVISED_MS = 24 * 3600 * SECOND
"""For so long (ms) one's own message can be changed or taken back."""
LOOKED_BACK = 200
"""Among so many last messages of a room one is looked for."""


class Archive:
    """Answers from the log only what `Access.floor` lets through."""

    def __init__(self, people: People, rooms: Rooms, access: Access, log: Log, text_most: int) -> None:
        self._people = people
        self._rooms = rooms
        self._access = access
        self._log = log
        self._text_most = text_most

    def floor(self, session: Session, room: Room, at: int) -> int:
        """Return the `seq` from after which the session may read the room, or raise `NotInRoom`."""
        floor = self._access.floor(session, room, at)
        if floor is None:
            self._access.require(session.person, room, Permission.READ)
            raise NotInRoom(f"You may not read {room.name}; who is in it may.")
        return floor

    async def read(self, session: Session, room: Room, after: int, limit: int, at: int) -> Sequence[Entry]:
        """Return what follows `after` in the room, as far as it has settled and may be read, `limit` at most."""
        after = max(after, self.floor(session, room, at))
        return () if after >= room.head else await self._log.read(room.id, after, room.head, limit)

    async def last(self, session: Session, room: Room, count: int, at: int) -> Sequence[Entry]:
        """Return the last entries of the room that may be read."""
        return await self.read(session, room, max(0, room.head - count), count, at)

    async def since(self, session: Session, room: Room, then: int, limit: int, at: int) -> Sequence[Entry]:
        """Return the last entries of the room that are of the time `then` (ms) or later."""
        entries = await self.last(session, room, limit, at)
        return [entry for entry in entries if entry.at >= then]

    async def missed(self, session: Session, limit: int, at: int) -> Sequence[tuple[str, Sequence[Entry]]]:
        """Return, for each of the person's rooms, what others have said there since the person went.

        Theirs are those that the session is in, and those that the person was in when they
        went, as far as they may read there now.
        """
        account = session.person.account
        seen = account.seen if account is not None else 0
        found: list[tuple[str, Sequence[Entry]]] = []
        for room in self._rooms:
            mine = room.id in session.rooms or session.by in room.heard
            if mine and self._access.floor(session, room, at) is not None:
                heard = room.heard.get(session.by)
                last = await self.last(session, room, limit, at) if heard is None or heard < room.head else ()
                new = [each for each in last if (each.id > seen if heard is None else each.seq > heard)]
                found.append((room.name, [each for each in new if not self._is_own_or_ignored(session, each)]))
        return found

    def unheard(self, session: Session, at: int) -> list[str]:
        """Return the names of the rooms that the person was in when they went and is not, and where there is news."""
        away = [room for room in self._rooms if session.by in room.heard and room.id not in session.rooms]
        floors = ((room, self._access.floor(session, room, at)) for room in away)
        return [
            room.name
            for room, floor in floors
            if floor is not None and room.head > max(floor, room.heard[session.by])
        ]

    def _is_own_or_ignored(self, session: Session, entry: Entry) -> bool:
        return entry.by == session.by or entry.by in session.person.prefs.ignoring

    async def conversation(
        self, session: Session, partner: Person, after: int | None, limit: int, before: int = 1 << 40
    ) -> Sequence[Entry]:
        """Return what two persons have said to one another after the `seq` `after`, or the last before `before`."""
        stream = stream_of(session.person, partner)
        if after is None:
            after = max(0, min(before - 1, await self._log.head(stream)) - limit)
        return await self._log.read(stream, after, min(after + limit, before - 1), limit)

    async def mail(self, session: Session) -> Sequence[Entry]:
        """Return the private messages that came while the session's account was away."""
        return await self._log.mail(session.by) if session.person.account is not None else ()

    # --- searching -----------------------------------------------------------------------------

    async def search(
        self,
        session: Session,
        words: tuple[str, ...],
        at: int,
        *,
        where: Room | Person | None = None,
        nick: str = "",
        after: int = 0,
        before: int = 1 << 62,
    ) -> list[tuple[str, Entry]]:
        """Return what is found, oldest first, each with its room's name, or with "" where it was said privately.

        It is looked for wherever the session may read, in rooms and in what its person and one
        other have said to one another; or only in that room, or what was said with that person.
        Those who are ignored have said nothing.
        """
        if session.network is not None and not session.person.searches.try_take(at / SECOND):
            raise SlowDown("You search a lot. Try again in a few seconds.")
        if where is None:
            streams = [*self._rooms.by_id, *await self._log.conversations(session.by)]
        elif isinstance(where, Room):
            self.floor(session, where, at)
            streams = [where.id]
        else:
            streams = [stream_of(session.person, where)]
        entries = await self._log.search(Search(words, self._floors(session, streams, at), nick, after, before))
        floors = self._floors(session, streams, at)  # which may be others, now that it has been found
        names = {id_: room.name for id_, room in self._rooms.by_id.items()}
        return [
            (names.get(entry.stream, ""), entry)
            for entry in reversed(entries)
            if entry.seq > floors.get(entry.stream, entry.seq) and entry.by not in session.person.prefs.ignoring
        ]

    def _floors(self, session: Session, streams: Iterable[str], at: int) -> dict[str, int]:
        """Return which of the streams the session may read now, and each from after which `seq`."""
        floors: dict[str, int | None] = {}
        for stream in streams:
            room = self._rooms.by_id.get(stream)
            floors[stream] = (
                self._access.floor_alone(session.person, stream)
                if room is None
                else self._access.floor(session, room, at)
            )
        return {stream: floor for stream, floor in floors.items() if floor is not None}

    # --- correcting, and taking back --------------------------------------------------------------

    async def own(self, session: Session, room: Room, seq: int, at: int) -> Entry:
        """Return the message of the session's own person of that `seq`, or their last one with 0."""
        found = await self._message(session, room, seq, session.by, at)
        if found.by != session.by:
            raise NotAllowed("That is not yours.")
        if at - found.at > REVISED_MS:
            raise NotAllowed("That was said more than a day ago; it stays as it is.")
        return found

    async def _message(self, session: Session, room: Room, seq: int, by: str, at: int) -> Entry:
        """Return the message of that `seq`, or the last one of that person."""
        if seq:
            entries = await self.read(session, room, seq - 1, 1, at)
        else:
            entries = [each for each in await self.last(session, room, LOOKED_BACK, at) if each.by == by]
        messages = [
            each for each in entries if isinstance(each.event, Said | Emoted) and (not seq or each.seq == seq)
        ]
        if not messages:
            raise NotFound(f"There is no such message among the last of {room.name}.")
        return messages[-1]

    async def text_of(self, session: Session, room: Room, entry: Entry, at: int) -> str:
        """Return what a message says, as it was edited last."""
        edits = [
            each.event.text
            for each in await self.last(session, room, LOOKED_BACK, at)
            if isinstance(each.event, Edited) and each.event.of == entry.seq
        ]
        return edits[-1] if edits else getattr(entry.event, "text", "")

    async def edit(self, session: Session, room: Room, of: Entry, text: str, at: int) -> None:
        """Have a message of the session's own say something else."""
        self._access.check_words(session, room, at)
        edited = Edited(session.nick, of.seq, message(text, self._text_most))
        await self._log.place(Proposal(edited, room.id, session.by, at))

    async def delete(self, session: Session, room: Room, seq: int, whose: Person, at: int) -> None:
        """Take back one's own message, or as one who keeps order another's; with `seq` 0 their last."""
        if whose is session.person and not seq:
            found = await self.own(session, room, seq, at)
        else:
            found = await self._message(session, room, seq, whose.id, at)
        if found.by == session.by:
            await self.own(session, room, found.seq, at)
        else:
            self._access.require(session.person, room, Permission.MODERATE)
            author = self._people.person(found.by) or Person(found.by)
            author.nick = author.nick or found.event.nick
            self._access.require_above(session.person, author, room)
        deleted = Deleted(session.nick, found.seq, found.event.nick)
        await self._log.place(Proposal(deleted, room.id, session.by, at))
