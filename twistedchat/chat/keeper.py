"""Who may be in a room no longer is put out of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twistedchat.chat.acts import Banned, Kicked
from twistedchat.chat.events import Departed, Entry, Left, Proposal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from twistedchat.chat.access import Access
    from twistedchat.chat.door import News
    from twistedchat.chat.events import Event
    from twistedchat.chat.people import People
    from twistedchat.chat.room import Room, Rooms
    from twistedchat.chat.session import Session


class Keeper:
    """Takes sessions out of rooms, for the fold; nothing of it can be refused, for what it follows from has happened.

    `corrections` are what the log is to know of those who are let in no more because of
    something that it cannot tell; who is `leaving` is to be noted in the news.
    """

    def __init__(self, people: People, rooms: Rooms, access: Access, lobby: str) -> None:
        self._people = people
        self._rooms = rooms
        self._access = access
        self._lobby = lobby
        self.leaving: list[tuple[Session, Room]] = []
        self.corrections: list[Proposal] = []

    def take_out(self, session: Session, rooms: Sequence[Room]) -> Sequence[Room]:
        """Have the session in those rooms no more; return those in which its person is no more either."""
        left = [room for room in rooms if room.members.pop(session.id, None) is not None]
        for room in left:
            self.leaving.append((session, room))
            session.rooms = {id_: each for id_, each in session.rooms.items() if each is not room}
            room.has_changed()
        if session.active is None or session.active.id not in session.rooms:
            lobby = self._rooms.find(self._lobby)
            session.active = lobby if lobby in session.rooms.values() else next(iter(session.rooms.values()), None)
        return [room for room in left if not room.holds(session.person)]

    def note(self, news: News, entry: Entry) -> None:
        """Note in the news who was taken out by that, and how much of their rooms they hear.

        The others are told that somebody has left where the event itself does not say so.
        """
        untold: dict[tuple[str, Room], Session] = {}
        for session, room in self.leaving:
            news.out.setdefault(room, {}).setdefault(session, len(news.rooms.get(room, ())))
            if room.members and not room.holds(session.person) and not _says(entry.event, session):
                untold[session.by, room] = session
        self.leaving.clear()
        for (by, room), session in untold.items():
            left = Left(session.nick, session.id, minor=room.hardly_knows(by, entry.at))
            told = Entry(left, room.id, 0, 0, entry.at, by)
            news.rooms.setdefault(room, []).append((Proposal(left, room.id, by, entry.at), told))

    # --- who may not stay -------------------------------------------------------------------------

    def put_out(self, room: Room, person: str) -> None:
        """Put somebody out of the room, and let them in no more."""
        room.admitted.pop(person, None)
        room.heard.pop(person, None)
        for session in self._people.of([person]):
            if session.id in room.members:
                self.take_out(session, (room,))

    def close(self, room: Room, admits: dict[str, int], at: int) -> None:
        """Let in who is there, or is something there; what somebody was let in to before it was open is over."""
        stay = {member.by for member in room.members.values()} | room.roles.keys()
        for person in (*room.admitted, *admits):
            if person not in stay and room.admitted.get(person, -1) < room.opened:
                self.shut_out(room, person, at)
        for person in admits.keys() & stay:
            room.admitted[person] = min(room.admitted.get(person, admits[person]), admits[person])

    def shut_out(self, room: Room, person: str, at: int) -> None:
        """Let somebody in no more for whom no event says so; the log is to know."""
        room.admitted.pop(person, None)
        self.corrections.append(Proposal(Left("", ""), room.id, person, at))

    def sweep(self, room: Room, at: int) -> None:
        """Put those out who may be in the room no longer."""
        for session in list(room.members.values()):
            self.check(session, room, at)

    def sweep_all(self, at: int) -> Sequence[Room]:
        """Put those out who may be in any of the rooms no longer; return the rooms where somebody was."""
        for room in self._rooms:
            self.sweep(room, at)
        return tuple({room.id: room for _, room in self.leaving}.values())

    def check(self, session: Session, room: Room, at: int) -> None:
        """Put somebody out who may not be in the room; unless they are something there, they are let in no more."""
        if not self._may_stay(session, room, at):
            gone = self.take_out(session, (room,))
            if gone and session.by in room.admitted and session.by not in room.roles:
                self.shut_out(room, session.by, at)

    def _may_stay(self, session: Session, room: Room, at: int) -> bool:
        return self._access.is_let_in(session, room) and self._access.may_enter(session, room, at)


def _says(event: Event, session: Session) -> bool:
    """Tell whether an event says by itself that the session's person is in the room no longer."""
    if isinstance(event, Banned):
        return session.by in event.masks
    return isinstance(event, Left | Departed | Kicked)
