"""What the log has settled becomes the state, one committed batch at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import structs

from twistedchat.chat.acts import (
    Banned,
    Dropped,
    Granted,
    Invited,
    Kicked,
    Killed,
    LoggedIn,
    LoggedOut,
    MotdSet,
    Muted,
    Opened,
    Reloaded,
    RoomRenamed,
    RoomSet,
    Shouted,
    Unbanned,
    Unmuted,
)
from twistedchat.chat.conversations import persons_of
from twistedchat.chat.door import News
from twistedchat.chat.events import Arrived, Departed, Direct, Emoted, Entry, Joined, Left, Renamed, Said, TopicSet
from twistedchat.chat.keeper import Keeper
from twistedchat.chat.presence import Presence
from twistedchat.chat.roles import GRANTED, Role
from twistedchat.chat.room import Room
from twistedchat.chat.serverwide import Serverwide, sanction

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from twistedchat.chat.access import Access
    from twistedchat.chat.door import Door
    from twistedchat.chat.events import Placed, Settled
    from twistedchat.chat.people import People
    from twistedchat.chat.prefs import Prefs
    from twistedchat.chat.room import Rooms
    from twistedchat.chat.session import Session

_PLAIN = Said, Emoted


class Fold:
    """Folds entries into rooms, people and rights; it never refuses, for what it is given has happened."""

    def __init__(self, people: People, rooms: Rooms, access: Access, doors: Sequence[Door], lobby: str) -> None:
        self._people = people
        self._rooms = rooms
        self._access = access
        self._doors = doors
        self._keeper = keeper = Keeper(people, rooms, access, lobby)
        self._presence = Presence(people, rooms, keeper.take_out, self._prefer, self._let_go)
        self.gone: list[str] = []
        """The streams of the rooms that were dropped, to be forgotten."""
        self.corrections = keeper.corrections
        """What the log is to know of those who are let in no more because of something that it cannot tell."""
        self.serverwide = Serverwide(people, access, keeper, self._let_go)
        self._ending: list[tuple[Session, str, str]] = []

    def apply(self, batch: Sequence[Settled]) -> News:
        """Change the state by one committed batch, and return what there is to tell of it."""
        news = News(batch, {}, [], {})
        for proposal, entry in batch:
            if proposal.asker is not None and proposal.event.kept:
                proposal.asker.unsettled -= 1
            if type(entry) is not Entry:
                continue
            if entry.id:
                self._people.seen = entry.id
            room = self._rooms.by_id.get(entry.stream)
            if room is not None and entry.seq:
                room.head = entry.seq
                news.rooms.setdefault(room, []).append((proposal, entry))
                if type(entry.event) not in _PLAIN:
                    self._fold_kept(room, entry)
            elif type(entry.event) is Direct:
                news.direct.append(((proposal, entry), self._converse(entry.stream)))
            else:
                self._fold(room, (proposal, entry), news)
            if self._keeper.leaving:
                self._keeper.note(news, entry)
        return news

    def dismiss(self) -> None:
        """End the visits that were ended by the batch, now that it has been told."""
        ending, self._ending = self._ending, []
        for session, code, text in ending:
            for door in self._doors:
                door.dismiss(session, code, text)

    def _converse(self, stream: str) -> list[Session]:
        """Return those of a private conversation who are here, each the other's partner now."""
        one, other = persons_of(stream)
        for id_, partner in ((one, other), (other, one)):
            if id_ in self._people.persons:
                self._people.persons[id_].partner = partner
        return self._people.of(dict.fromkeys((one, other)))

    # --- what is kept in a room ------------------------------------------------------------------

    def _fold_kept(self, room: Room, entry: Entry) -> None:  # noqa: C901 - a table
        match entry.event:
            case TopicSet(text=text):
                room.topic = text
            case RoomSet() as event:
                self._set(room, event, entry.at)
                self._keeper.sweep(room, entry.at)
            case RoomRenamed(to=to):
                self._rooms.rename(room, to)
            case Granted(account=account, role=role):
                room.roles.pop(account, None)
                if role:
                    room.roles[account] = GRANTED[role]
                room.has_changed()
                self._keeper.sweep(room, entry.at)
            case Kicked(person=person):
                self._keeper.put_out(room, person)
            case Banned() as event:
                self._ban(room, event, entry)
            case Unbanned(who=who):
                room.bans.lift(who)
            case Muted() as event:
                room.mutes.add(sanction(event, entry))
            case Unmuted(who=who):
                room.mutes.lift(who)

    def _set(self, room: Room, event: RoomSet, at: int) -> None:
        before, room.settings = room.settings, room.settings.changed(event.name, event.secret or event.value)
        if room.settings.private and not before.private:
            self._keeper.close(room, event.admits, at)
        if before.private and not room.settings.private:
            room.opened = room.head
        if before.keep < 0 <= room.settings.keep:
            room.expired = room.head

    def _ban(self, room: Room, event: Banned, entry: Entry) -> None:
        room.bans.add(sanction(event, entry))
        for mask in event.masks:
            room.admitted.pop(mask, None)
            room.heard.pop(mask, None)
        self._keeper.sweep(room, entry.at)

    # --- what is not ----------------------------------------------------------------------------

    def _fold(self, room: Room | None, placed: Placed, news: News) -> None:  # noqa: C901 - a table
        _, entry = placed
        told: Iterable[Room] = ()
        match entry.event:
            case Opened() as event:
                self._open(entry.stream, event)
            case Dropped(empty=empty) if room is not None and not (empty and room.members):
                told = (room,) if room.members else ()
                self._drop(room)
            case Joined(session=id_) if id_ in self._people.sessions and room is not None:
                told = self._joined(self._people.sessions[id_], room, entry.at)
            case Left(session=id_, stays=stays) if id_ in self._people.sessions and room is not None:
                told = self._left(self._people.sessions[id_], room, entry.at, stays=stays)
            case Invited(person=person) if room is not None:
                if room.settings.private:
                    room.admitted.setdefault(person, room.head)
                news.direct.append((placed, self._people.of([person])))
            case Shouted():
                news.direct.append((placed, list(self._people.sessions.values())))
            case Banned() | Unbanned() | Muted() | Unmuted() | Killed() | MotdSet() | Reloaded() if not entry.stream:
                told, hit = self.serverwide.fold(entry)
                news.direct += [(placed, hit)] if hit else []
            case Arrived(session=id_) | Renamed(session=id_) | LoggedIn(session=id_) | LoggedOut(session=id_):
                told = self._become(id_, placed, news)
            case _:
                told = self._presence.fold(entry)
        for where in told:
            where.has_changed()
            news.rooms.setdefault(where, []).append(self._weighed(placed, where))

    def _open(self, stream: str, event: Opened) -> None:
        room = Room(stream, event.name)
        room.temporary = event.temporary
        if event.owner:
            room.roles[event.owner] = Role.OWNER
        self._rooms.add(room)

    def _drop(self, room: Room) -> None:
        for session in list(room.members.values()):
            self._keeper.take_out(session, (room,))
        self._rooms.drop(room)
        self.gone.append(room.id)

    def _joined(self, session: Session, room: Room, at: int) -> Sequence[Room]:
        if not self._access.may_enter(session, room, at):
            if session.by not in room.admitted:
                self._keeper.shut_out(room, session.by, at)
            return ()
        new = not room.holds(session.person)
        room.members[session.id] = session
        session.rooms = {**session.rooms, room.id: room} if session.rooms else room.alone
        if room.settings.private:
            room.admitted.setdefault(session.by, room.head)
        return (room,) if new else ()

    def _become(self, id_: str, placed: Placed, news: News) -> Sequence[Room]:
        """Have the session be another person's, or go by another name; return the rooms that hear it."""
        _, entry = placed
        event = entry.event
        if isinstance(event, LoggedIn | LoggedOut):
            self._access.follow(entry.by, event.becomes)
            self._rooms.follow(entry.by, event.becomes)
        told = self._presence.fold(entry)
        self._look_again(id_, entry.at)
        if isinstance(event, LoggedOut) and all(self._is_there(entry.by, room) for room in told):
            news.direct.append((placed, self._people.of([event.guest])))  # no room says by what name they go
        return told

    def _look_again(self, id_: str, at: int) -> None:
        """Put somebody who is not who they were before out of where that one may not be, by each connection."""
        session = self._people.sessions.get(id_)
        for each in session.person.sessions if session is not None else ():
            for room in list(each.rooms.values()):
                self._keeper.check(each, room, at)
            self.serverwide.look_at(each, at)

    def _left(self, session: Session, room: Room, at: int, *, stays: bool) -> Sequence[Room]:
        if not stays:
            room.heard.pop(session.by, None)
        told = self._keeper.take_out(session, (room,))
        if told and session.by in room.admitted and session.by not in room.roles:
            if stays:  # when that was said; by now their other connection is gone, too
                self._keeper.shut_out(room, session.by, at)
            room.admitted.pop(session.by, None)
        return told

    def _is_there(self, person: str, room: Room) -> bool:
        there = self._people.persons.get(person)
        return there is not None and room.holds(there)

    def _weighed(self, placed: Placed, room: Room) -> Placed:
        """Return it as what it is to that room.

        It is a minor matter where somebody comes or goes in a large room who says little; and who has logged out
        by one of several connections has not left the room, but a guest has come.
        """
        proposal, entry = placed
        event = entry.event
        if isinstance(event, LoggedOut) and self._is_there(entry.by, room):
            return proposal, structs.replace(entry, event=Joined(event.to, event.session), by=event.guest)
        if isinstance(event, Joined | Left | Departed) and room.hardly_knows(entry.by, entry.at):
            return proposal, structs.replace(entry, event=structs.replace(event, minor=True))
        return placed

    def _prefer(self, session: Session, prefs: Prefs) -> None:
        for door in self._doors:
            door.prefer(session, prefs)

    def _let_go(self, session: Session, code: str, text: str) -> None:
        self._ending.append((session, code, text))
