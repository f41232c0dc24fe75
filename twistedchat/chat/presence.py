"""What was settled of people and accounts becomes the state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import structs

from twistedchat.chat.accounts import Account, is_account
from twistedchat.chat.acts import Claimed, LoggedIn, LoggedOut, PasswordSet, Preferred, Registered
from twistedchat.chat.events import Arrived, Away, Departed, Renamed
from twistedchat.chat.names import HOLD_SECONDS
from twistedchat.chat.session import Person

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from twistedchat.chat.events import Entry
    from twistedchat.chat.people import People
    from twistedchat.chat.prefs import Prefs
    from twistedchat.chat.room import Room, Rooms
    from twistedchat.chat.session import Session

ENDED = "bye", "The password was changed by another connection."

NETWORKS_MOST = 16
"""From so many networks somebody is known to have come, who is here by another connection still."""


class Presence:
    """Folds what people do by coming, going and having accounts.

    `fold` is total: it never refuses, for what it is given has happened. It returns the
    rooms that hear of it. `prefer` and `dismiss` tell the doors.
    """

    def __init__(
        self,
        people: People,
        rooms: Rooms,
        take_out: Callable[[Session, Sequence[Room]], Sequence[Room]],
        prefer: Callable[[Session, Prefs], None],
        dismiss: Callable[[Session, str, str], None],
    ) -> None:
        self._people = people
        self._rooms = rooms
        self._take_out = take_out
        self._prefer = prefer
        self._dismiss = dismiss

    def fold(self, entry: Entry) -> Sequence[Room]:  # noqa: C901 - a table
        """Change the state by one event; return the rooms that hear of it."""
        match entry.event:
            case Arrived() as event:
                self._arrived(event)
            case Away(why=why):
                self._away(entry.by, why)
            case Renamed() as event:
                return self._renamed(event, entry.by)
            case Departed() as event:
                return self._departed(event, entry.at)
            case Registered() as event:
                self._registered(event, entry)
            case LoggedIn() as event:
                return self._logged_in(event, entry.at)
            case LoggedOut() as event:
                return self._logged_out(event)
            case PasswordSet() as event:
                self._password_set(event)
            case Claimed() as event:
                self._claimed(event)
            case Preferred() as event:
                self._preferred(event.account, event.prefs)
        return ()

    def _arrived(self, event: Arrived) -> None:
        session = self._people.sessions[event.session]
        account = self._people.accounts.get(event.person)
        session.nick = account.name if account else event.nick
        self._people.names.take(session.nick, event.person)
        self._belongs(session, session.person)

    def _belongs(self, session: Session, to: Person) -> None:
        """Have the session that person's, who is here now if they were not."""
        person = self._people.persons.setdefault(to.id, to)
        person.sessions += (session,)
        person.nick = session.nick
        session.person, session.by = person, person.id

    def _away(self, by: str, why: str) -> None:
        person, account = self._people.persons.get(by), self._people.accounts.get(by)
        if person is not None:
            person.away = why
            person.prefs = structs.replace(person.prefs, away=why)
        if account is not None:
            account.prefs = structs.replace(account.prefs, away=why)

    def _renamed(self, event: Renamed, by: str) -> Sequence[Room]:
        person = self._people.person(by)
        if person is None:
            return ()
        self._people.names.release(person.nick, by)
        self._people.names.take(event.to, by)
        if person.account is not None:
            person.account.name = event.to
        return self._called(person, event.to)

    def _called(self, person: Person, nick: str) -> Sequence[Room]:
        person.nick = nick
        rooms: dict[str, Room] = {}
        for session in person.sessions:
            session.nick = nick
            rooms |= session.rooms
        return tuple(rooms.values())

    def _departed(self, event: Departed, at: int) -> Sequence[Room]:
        session = self._people.sessions.get(event.session)
        if session is None:
            return ()
        self._people.forget(session)
        told = self._take_out(session, tuple(session.rooms.values()))
        self._leaves(session, held=event.held, at=at)
        person = session.person
        if session.network is not None and len(person.networks) < NETWORKS_MOST:
            person.networks |= {session.network}
        if not person.sessions:
            self._people.went(person, at)
            if person.account is not None:
                person.account.seen = max(person.account.seen, event.seen)
        for room in map(self._rooms.by_id.get, event.heard):
            if room is not None:
                room.heard[event.person] = event.heard[room.id]
        return told

    def _leaves(self, session: Session, *, held: bool, at: int) -> None:
        """Have the session no more its person's, who may be gone with that."""
        person = session.person
        person.sessions = tuple(each for each in person.sessions if each is not session)
        if not person.sessions and self._people.persons.get(person.id) is person:
            del self._people.persons[person.id]
        if is_account(person.id):
            return
        if not person.sessions and held:
            self._people.names.hold(session.nick, person.id, at + HOLD_SECONDS * 1000)
        elif all(other.nick != session.nick for other in person.sessions):
            self._people.names.release(session.nick, person.id)

    # --- accounts -----------------------------------------------------------------------------

    def _registered(self, event: Registered, entry: Entry) -> None:
        self._people.names.release(event.nick, entry.by)
        self._people.names.take(event.nick, event.account)
        account = Account(event.account, event.nick, entry.at, event.admin, self._people.seen)
        self._people.accounts[event.account] = account

    def _logged_in(self, event: LoggedIn, at: int) -> Sequence[Room]:
        self._bring_along(event.guest, event.account)
        session = self._people.sessions.get(event.session)
        account = self._people.accounts.get(event.account)
        if session is None or account is None:
            return ()
        old = session.nick
        account.admin = account.admin or event.admin
        self._leaves(session, held=False, at=0)
        self._belongs(session, Person(event.account, account))
        session.person.admin = account.admin
        self._people.went(session.person, at, event.guest)
        session.nick = session.person.nick = account.name
        self._prefer(session, session.person.prefs)
        self._rooms_changed(session)
        return tuple(session.rooms.values()) if old != account.name else ()

    def _bring_along(self, guest: str, account: str) -> None:
        """Have the rooms that a guest made, and was let into, the account's."""
        for room in self._rooms:
            if guest in room.roles:
                room.roles[account] = room.roles.pop(guest)
                room.temporary = False
            if guest in room.admitted:
                room.admitted.setdefault(account, room.admitted.pop(guest))

    def _logged_out(self, event: LoggedOut) -> Sequence[Room]:
        session = self._people.sessions.get(event.session)
        if session is None:
            return ()
        if self._people.by_secret.get(session.secret_hash) is session:
            del self._people.by_secret[session.secret_hash]
        session.secret_hash = ""
        account = session.person.account
        self._leaves(session, held=False, at=0)
        if account is not None and not session.person.sessions:
            account.seen = max(account.seen, self._people.seen)
        self._people.names.take(event.to, event.guest)
        session.nick = event.to
        self._belongs(session, Person(event.guest))
        self._prefer(session, session.person.prefs)
        self._rooms_changed(session)
        return tuple(session.rooms.values())

    def _rooms_changed(self, session: Session) -> None:
        for room in session.rooms.values():
            room.has_changed()

    def _password_set(self, event: PasswordSet) -> None:
        """End the other visits of the account: whoever knows the old password may be at them."""
        person = self._people.persons.get(event.account)
        for session in person.sessions if person else ():
            if session.id != event.session:
                self._dismiss(session, *ENDED)

    def _claimed(self, event: Claimed) -> None:
        person = self._people.persons.get(event.person)
        if person is not None:
            person.admin = True
        if event.person in self._people.accounts:
            self._people.accounts[event.person].admin = True

    def _preferred(self, id_: str, prefs: Prefs) -> None:
        if id_ in self._people.accounts:
            self._people.accounts[id_].prefs = prefs
        person = self._people.persons.get(id_)
        if person is not None:
            person.prefs = prefs
            for session in person.sessions:
                self._prefer(session, prefs)
