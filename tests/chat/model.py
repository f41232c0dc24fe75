"""Who may see what, as the plan says it: slowly, with sets, and from nothing but what has happened.

It shares no line with the chat: every message has a set of those who could have heard it when
it was said, and whoever loses their place in a private room is struck out of all of them.
"""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, NamedTuple

from tests.chat.places import Ban, Place
from twistedchat.chat import acts, events
from twistedchat.chat.events import Entry

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tests.chat.places import Line
    from twistedchat.chat.events import Settled

KEEPERS = "op", "owner", "admin"


class Visit(NamedTuple):
    """One connection: whose it is, and from where."""

    session: str
    person: str
    nick: str
    address: str


class Letter(NamedTuple):
    """What was said by one person to one other."""

    id: int
    persons: frozenset[str]
    by: str
    text: str


class Model:
    """What has happened, and what follows from it for everybody's eyes."""

    def __init__(self, lobby: str) -> None:
        self.at = 0
        self.places = {lobby: Place("#lobby")}
        self.visits: dict[str, Visit] = {}
        self.addresses: dict[str, str] = {}
        self.made: dict[str, int] = {}
        self.admins: set[str] = set()
        self.bans: dict[str, Ban] = {}
        self.keys: dict[tuple[str, str], set[str]] = {}
        self.partners: dict[str, str] = {}
        self.letters: list[Letter] = []
        self.told: dict[str, list[tuple[str, int, str]]] = {}
        self.whispered: dict[str, list[str]] = {}
        self.known: dict[str, set[str]] = {}
        """Who was so when what is happening was asked for: who comes after that comes too late."""

    # --- who is what ----------------------------------------------------------------------------

    def role(self, person: str, place: Place | None) -> str:
        if person in self.admins:
            return "admin"
        granted = place.roles.get(person, "") if place else ""
        return granted or ("member" if person in self.made else "guest")

    def persons(self, sessions: Iterable[str]) -> set[str]:
        return {self.visits[session].person for session in sessions}

    def sessions(self, persons: Iterable[str]) -> set[str]:
        wanted = set(persons)
        return {visit.session for visit in self.visits.values() if visit.person in wanted}

    def banned(self, visit: Visit, place: Place | None) -> bool:
        """Tell whether some ban hits them: by what they are, or by where they are, but for those who keep order."""
        bans = [ban for ban in (place.bans if place else self.bans).values() if not ban.until or self.at < ban.until]
        name = f"={visit.nick.casefold()}" if visit.person not in self.made else ""
        if any(visit.person in ban.masks for ban in bans):
            return True
        if self.role(visit.person, place) in KEEPERS:
            return False
        return any(mask == name or self._from(visit, mask, ban.at) for ban in bans for mask in ban.masks)

    def _from(self, visit: Visit, mask: str, at: int) -> bool:
        if not visit.address or not {".", ":"} & set(mask):
            return False
        spared = mask.startswith("~") and self.made.get(visit.person, at + 1) <= at
        return not spared and ip_address(visit.address) in ip_network(mask.removeprefix("~"))

    def may_be(self, visit: Visit, place: Place) -> bool:
        out = place.guests == "none" and self.role(visit.person, place) == "guest"
        return not out and not self.banned(visit, place)

    def may_stay(self, visit: Visit, place: Place) -> bool:
        known = visit.person in place.let_in or visit.person in place.roles
        return self.may_be(visit, place) and (known or not place.private)

    def lets_in(self, session: str, stream: str) -> bool:
        """Tell whether that session may come into a room without a key."""
        place = self.places.get(stream)
        return place is not None and session in self.visits and self.may_stay(self.visits[session], place)

    def is_inside(self, person: str, place: Place) -> bool:
        return person in self.persons(place.inside)

    # --- what they may see ------------------------------------------------------------------------

    def readable(self, session: str, stream: str) -> list[Line] | None:
        """Return what that session may read in a room, None for nothing at all."""
        visit, place = self.visits[session], self.places[stream]
        inside = self.is_inside(visit.person, place)
        if not self.may_be(visit, place) or (place.private and not inside):
            return None
        if place.keep < 0:
            return []
        mine = visit.person if inside else ""
        return [line for line in place.lines if mine in line.readers or (line.everybody and not place.private)]

    def findable(self, session: str) -> list[tuple[str, str]]:
        """Return what that session may find by the word "all", each with its room or with "", oldest first."""
        readable = [(place.name, self.readable(session, stream) or ()) for stream, place in self.places.items()]
        found = [(line.id, name, line.found) for name, lines in readable for line in lines if line.found]
        mine = self.visits[session].person
        found += [(letter.id, "", letter.text) for letter in self.letters if mine in letter.persons]
        return [(name, text) for _, name, text in sorted(found) if "all" in text.split()]

    def between(self, session: str, other: str, word: str = "") -> list[str]:
        """Return what that session's person and another one have said to one another that has the word in it."""
        both = {self.visits[session].person, other}
        said = [letter.text for letter in self.letters if letter.persons == both]
        return [text for text in said if not word or word in text.split()]

    def mail(self, person: str) -> list[str]:
        return [letter.text for letter in self.letters if person in letter.persons and letter.by != person]

    # --- what happens -----------------------------------------------------------------------------

    def batch(self, settled: Sequence[Settled]) -> None:
        """Have one committed batch happen; who is inside before it hears of it until they are out."""
        hearing = {stream: set(place.inside) for stream, place in self.places.items()}
        self.known = {stream: self._known(place) for stream, place in self.places.items()}
        for _, entry in settled:
            if not isinstance(entry, Entry):
                continue
            if entry.seq and entry.stream in self.places:
                self.places[entry.stream].hear(entry)
                for session in hearing.get(entry.stream, ()):
                    self.told[session].append((entry.stream, entry.seq, getattr(entry.event, "text", "")))
            if isinstance(entry.event, events.Direct):
                self._letter(entry)
            self._happens(entry)
            self._sweep(entry.at)
            for stream, place in self.places.items():
                hearing.get(stream, set()).intersection_update(place.inside)

    def _known(self, place: Place) -> set[str]:
        """Return who stays in a room that is made private: who is inside, or is something there."""
        return self.persons(place.inside) | set(place.roles)

    def _letter(self, entry: Entry) -> None:
        one, other = persons = entry.stream.removeprefix("direct:").split("|")
        text = getattr(entry.event, "text", "")
        self.letters.append(Letter(entry.id, frozenset(persons), entry.by, text))
        self.partners |= {one: other, other: one}
        for session in self.sessions(persons):
            self.whispered[session].append(text)

    def _happens(self, entry: Entry) -> None:  # noqa: C901 - a table
        event, place = entry.event, self.places.get(entry.stream)
        match event:
            case events.Arrived(session=session, person=person, nick=nick):
                self.visits[session] = Visit(session, person, nick, self.addresses.get(session, ""))
                self.told[session], self.whispered[session] = [], []
            case events.Departed(session=session) if session in self.visits:
                self._departs(self.visits[session])
            case events.Renamed(session=session, to=to) if session in self.visits:
                for other in self.sessions([self.visits[session].person]):
                    self.visits[other] = self.visits[other]._replace(nick=to)
            case acts.Registered(account=account, admin=admin):
                self.made[account] = entry.at
                self.admins |= {account} if admin else set()
            case acts.LoggedIn(session=session, guest=guest, account=account, to=to, admin=admin):
                self.admins |= {account} if admin else set()
                for each in self.places.values():
                    each.become(guest, account)
                self._is_now(session, account, to, entry.by)
            case acts.LoggedOut(session=session, guest=guest, to=to):
                self._is_now(session, guest, to, entry.by)
            case acts.Claimed(person=person):
                self.admins.add(person)
            case acts.Opened(name=name, owner=owner):
                self.places[entry.stream] = Place(name, owner)
            case acts.Banned() | acts.Unbanned() if not entry.stream:
                self._bans(self.bans, event, entry.at)
            case _ if place is not None:
                self._happens_in(place, entry)

    def _happens_in(self, place: Place, entry: Entry) -> None:  # noqa: C901, PLR0912 - a table
        event = entry.event
        match event:
            case acts.Dropped(empty=empty) if not (empty and place.inside):
                del self.places[entry.stream]
            case acts.RoomRenamed(to=to):
                place.name = to
            case acts.RoomSet():
                place.change(event, self._known(place) & self.known.get(entry.stream, set()))
            case acts.Granted(account=account, role=role):
                place.roles.pop(account, None)
                place.roles |= {account: role} if role else {}
            case acts.Invited(person=person) if place.private:
                place.admit(person)
            case acts.Kicked(person=person):
                place.inside -= self.sessions([person])
                place.lose(person)
            case acts.Banned() | acts.Unbanned():
                self._bans(place.bans, event, entry.at)
                for mask in getattr(event, "masks", ()):
                    place.lose(mask)
            case events.Joined(session=session) if session in self.visits:
                self._joins(self.visits[session], place, entry.stream)
            case events.Left(session=session) if session in place.inside:
                place.inside.discard(session)
                person = self.visits[session].person
                if not self.is_inside(person, place) and not place.roles.get(person):
                    place.lose(person)
            case events.Edited():
                place.correct(event, entry.by)
            case events.Deleted(of=of):
                place.take_back(of)

    def _bans(self, bans: dict[str, Ban], event: acts.Banned | acts.Unbanned, at: int) -> None:
        bans.pop(event.who.casefold(), None)
        if isinstance(event, acts.Banned):
            bans[event.who.casefold()] = Ban(event.masks, at, event.until)

    def _joins(self, visit: Visit, place: Place, stream: str) -> None:
        knows = place.join == "key" and place.key in self.keys.get((visit.session, stream), ())
        if self.may_stay(visit, place) or (knows and self.may_be(visit, place)):
            place.inside.add(visit.session)
            if place.private:
                place.admit(visit.person)

    def _is_now(self, session: str, person: str, nick: str, before: str) -> None:
        """Have a session be somebody else's, who is hit by all that has hit them before."""
        for bans in (self.bans, *(place.bans for place in self.places.values())):
            hitting = {name: ban for name, ban in bans.items() if before in ban.masks and person not in ban.masks}
            bans |= {name: ban._replace(masks=(*ban.masks, person)) for name, ban in hitting.items()}
        if session in self.visits:
            was = self.visits[session].person
            self.visits[session] = self.visits[session]._replace(person=person, nick=nick)
            self._forget(was)

    def _departs(self, visit: Visit) -> None:
        del self.visits[visit.session]
        for place in self.places.values():
            place.inside.discard(visit.session)
        self._forget(visit.person)

    def _forget(self, person: str) -> None:
        """Forget that somebody is an admin who is gone, and has no account to be one by."""
        if not self.sessions([person]) and person not in self.made:
            self.admins.discard(person)

    def _sweep(self, at: int) -> None:
        """Put everybody out of where they may not be; who is put out of one room is let in there no more."""
        self.at, now = at or self.at, self.at
        for place in self.places.values():
            for session in list(place.inside):
                visit = self.visits[session]
                if self.banned(visit, None):
                    place.inside.discard(session)
                elif not self.may_stay(visit, place):
                    place.inside.discard(session)
                    if not self.is_inside(visit.person, place) and visit.person not in place.roles:
                        place.lose(visit.person)
        self.at = now

    def restart(self, returning: set[str]) -> None:
        """Have the chat begin again with nobody in it; of guests it knows those who can come back."""
        for known in (self.visits, self.told, self.whispered, self.partners):
            known.clear()
        for place in self.places.values():
            place.inside.clear()
            for person in [each for each in place.let_in if each not in self.made and each not in returning]:
                place.lose(person)

    def retain(self) -> None:
        for place in self.places.values():
            place.retain(self.at)
