"""What the writer knows without asking the database, and can take back."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from twistedchat.chat.accounts import is_account
from twistedchat.chat.acts import LoggedIn, LoggedOut, Opened, Registered, RoomRenamed
from twistedchat.chat.errors import ChatError, NickTaken, NoRoom
from twistedchat.chat.events import Renamed
from twistedchat.chat.names import claims

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from twistedchat.chat.events import Event, Proposal

Table: TypeAlias = dict[str, str]

ROOM = "room:"
"""How the claims of rooms' names begin; they are the room's, whoever makes them."""


class Memory:
    """Whose each name is, which rooms are private, and into which ones anybody was ever let in.

    A name is claimed under every form that could be mistaken for it. An account's name
    is its own for good, here or not. Everything that changes here since the last
    `settled` can be taken back. `expired_at` is when old secrets were looked for (ms), `leapt` whether none were
    then, as the clock had leapt.
    """

    def __init__(self) -> None:
        self.claims: Table = {}
        self.private: Table = {}
        self.admitting: Table = {}
        self.expired_at = 0
        self.leapt = False
        self._changes: list[tuple[Table, str, str | None]] = []

    @property
    def mark(self) -> int:
        """Where things stand now, to go back to."""
        return len(self._changes)

    def back_to(self, mark: int) -> None:
        """Take back what has changed since."""
        while len(self._changes) > mark:
            table, key, before = self._changes.pop()
            if before is None:
                table.pop(key, None)
            else:
                table[key] = before

    def settled(self) -> None:
        """Have what has changed hold."""
        self._changes.clear()

    def know_private(self, stream: str, how: str) -> None:
        """Have a room let people in only by `how`, or with "" everybody."""
        self._put(self.private, stream, how or None)

    def know_admission(self, stream: str) -> None:
        """Know that somebody is let in to the room."""
        if stream not in self.admitting:
            self._put(self.admitting, stream, stream)

    def give(self, claims: Iterable[str], owner: str) -> None:
        """Have all of those names be the `owner`'s."""
        for claim in claims:
            self._put(self.claims, claim, owner)

    def take(self, claims: Iterable[str], owner: str) -> None:
        """Have those of the names be free that are the `owner`'s."""
        for claim in claims:
            if self.claims.get(claim) == owner:
                self._put(self.claims, claim, None)

    def claim(self, proposal: Proposal) -> ChatError | None:
        """Give the proposal what it claims and free what it releases, or return what is in the way."""
        wanted = proposal.claims or _claims_of(proposal.event)
        if not wanted and not proposal.releases:
            return None
        owner, givers = _parties(proposal)
        for claim in wanted:
            holder = self.claims.get(claim)
            if holder is not None and holder not in ((proposal.stream,) if claim.startswith(ROOM) else givers):
                return _taken(claim, proposal.event)
        self.release(proposal)
        for claim in wanted:
            self._put(self.claims, claim, proposal.stream if claim.startswith(ROOM) else owner)
        return None

    def release(self, proposal: Proposal) -> None:
        """Free what the proposal gives back; an account gives its name back by taking another, and not else."""
        _, givers = _parties(proposal)
        for claim in proposal.releases:
            holder = self.claims.get(claim, "")
            if claim.startswith(ROOM):
                self.take((claim,), proposal.stream)
            elif holder in givers and (not is_account(holder) or type(proposal.event) is Renamed):
                self._put(self.claims, claim, None)

    def _put(self, table: Table, key: str, value: str | None) -> None:
        self._changes.append((table, key, table.get(key)))
        if value is None:
            table.pop(key, None)
        else:
            table[key] = value


def _parties(proposal: Proposal) -> tuple[str, Sequence[str]]:
    """Return whose the names of people will be that are claimed, and whose they may be till then."""
    match proposal.event:
        case Registered(account=owner):
            return owner, (proposal.by, owner)
        case LoggedIn(account=owner, guest=guest):
            return owner, (owner, guest)
        case LoggedOut(guest=owner):
            return owner, (owner,)
    return proposal.by, (proposal.by,)


def _claims_of(event: Event) -> Sequence[str]:
    """Return the names of people that an event claims by what it is."""
    match event:
        case Registered(nick=nick) | LoggedOut(to=nick):
            return claims(nick)
    return ()


def _taken(claim: str, event: Event) -> ChatError:
    form = claim.partition(":")[2]
    match event:
        case Opened(name=name) | RoomRenamed(to=name):
            form = name
    return NoRoom(f"{form} exists already.") if claim.startswith(ROOM) else NickTaken(f"{form} is taken.")
