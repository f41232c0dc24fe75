"""Who is here: sessions come under a name, change it, and go."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from twistedchat.chat.errors import ChatError, NickTaken, NoSuchNick
from twistedchat.chat.events import Arrived, Away, Departed, Proposal, Renamed
from twistedchat.chat.names import HOLD_SECONDS, Names, claims
from twistedchat.chat.session import Session
from twistedchat.chat.text import nickname

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from twistedchat.chat.log import KnownGuest, Log


class People:
    """Those who are here, by session, by guest and by name.

    A session comes in, is renamed and goes through the log like everything else; the
    methods that begin with `fold` make what was settled the state. `dismiss` is called
    with a session whose guest has come in by another connection.
    """

    def __init__(self, log: Log, new_id: Callable[[], str], dismiss: Callable[[Session], None]) -> None:
        self.sessions: dict[str, Session] = {}
        self._log = log
        self._new_id = new_id
        self._dismiss = dismiss
        self._names = Names()
        self._visits: dict[str, Session] = {}
        self._arriving: dict[str, Session] = {}

    def remember(self, guests: Iterable[KnownGuest]) -> None:
        """Hold the names of those who were here before the start."""
        for guest in guests:
            with suppress(NickTaken):
                self._names.take(guest.nick, guest.id)
                self._names.hold(guest.nick, guest.id, guest.seen + HOLD_SECONDS * 1000)

    def tick(self, at: int) -> None:
        """Let go of the names that have been kept long enough."""
        self._names.expire(at)

    def named(self, nick: str) -> Session:
        """Return whoever is here under that name, or raise `NoSuchNick`."""
        session = self._visits.get(self._names.owner(nick))
        if session is None:
            raise NoSuchNick(f"Nobody here is called {nick}.")
        return session

    def of(self, guests: Iterable[str]) -> list[Session]:
        """Return the sessions of those guests who are here."""
        return [self._visits[guest] for guest in guests if guest in self._visits]

    def visitor(self, guest: str = "", *, returns: bool = False) -> Session:
        """Return a session for somebody new at a door, or for the `guest` who came back."""
        return Session(self._new_id(), guest or self._new_id(), returns=returns)

    def invent_nick(self, wanted: str) -> str:
        """Return a free nickname near `wanted`, for a peer that cannot be asked again."""
        return self._names.invent(wanted)

    async def arrive(self, session: Session, wanted: str, at: int, secret_hash: str = "") -> None:
        """Give the session its nickname; raise `BadNick` or `NickTaken` where it cannot have it."""
        nick = nickname(wanted)
        self._names.expire(at)
        self._names.take(nick, session.guest)
        self._replace(self._visits.get(session.guest), at)
        self._replace(self._arriving.get(session.guest), at)
        self.sessions[session.id] = self._arriving[session.guest] = session
        session.nick = nick
        try:
            arrived = Arrived(nick, session.id, session.guest, secret_hash)
            await self._log.place(Proposal(arrived, "", session.guest, at, claims=claims(nick)))
        except ChatError:
            self.sessions.pop(session.id, None)
            self._names.release(nick, session.guest)
            raise
        finally:
            if self._arriving.get(session.guest) is session:
                del self._arriving[session.guest]

    def _replace(self, earlier: Session | None, at: int) -> None:
        if earlier is not None:
            self._dismiss(earlier)
            self.depart(earlier, at)

    async def rename(self, session: Session, wanted: str, at: int) -> None:
        """Give the session another nickname."""
        old, nick = session.nick, nickname(wanted)
        if nick == old:
            return
        self._names.take(nick, session.guest)
        renamed = Proposal(
            Renamed(old, session.id, nick),
            "",
            session.guest,
            at,
            claims=claims(nick),
            releases=tuple(claim for claim in claims(old) if claim not in claims(nick)),
            asker=session,
        )
        session.renaming = True
        try:
            await self._log.place(renamed)
        except ChatError:
            self._names.release(nick, session.guest)
            self._names.take(old, session.guest)
            raise
        finally:
            session.renaming = False
            if session.gone:
                self._propose_departure(session, at)

    async def set_away(self, session: Session, why: str, at: int) -> None:
        """Have it known that the person is away, and why; with "" that they are back."""
        await self._log.place(Proposal(Away(session.nick, session.id, why), "", session.guest, at))

    def depart(self, session: Session, at: int, why: str = "", *, goodbye: bool = False) -> None:
        """End the visit; to end it twice is news once. The name waits for a return, but not after a `goodbye`."""
        if session.gone:
            return
        session.gone = True
        if not session.renaming:
            self._propose_departure(session, at, why, goodbye=goodbye)

    def _propose_departure(self, session: Session, at: int, why: str = "", *, goodbye: bool = False) -> None:
        if session.id in self.sessions:
            held = session.returns and not goodbye
            gone = Departed(session.nick, session.id, session.guest, session.returns, held, why)
            visit = self._visits.get(session.guest, session)
            kept = () if visit is session else claims(visit.nick)
            releases = tuple(claim for claim in claims(session.nick) if claim not in kept)
            self._log.append(Proposal(gone, "", session.guest, at, releases=releases))

    # --- what has been settled becomes the state ------------------------------------------------

    def fold_arrived(self, event: Arrived) -> None:
        """Have the session here under its name."""
        session = self.sessions[event.session]
        self._names.take(event.nick, event.guest)
        session.nick = event.nick
        self._visits[event.guest] = session

    def fold_away(self, event: Away) -> None:
        """Have the person away, or back."""
        if event.session in self.sessions:
            self.sessions[event.session].away = event.why

    def fold_renamed(self, event: Renamed) -> Session | None:
        """Have the session here under its new name; return it, if it is still here."""
        session = self.sessions.get(event.session)
        if session is not None:
            session.nick = event.to
            self._names.release(event.nick, session.guest)
            self._names.take(event.to, session.guest)
        return session

    def fold_departed(self, event: Departed, at: int) -> Session | None:
        """Have the session here no more; return it, if it was."""
        session = self.sessions.pop(event.session, None)
        if session is None:
            return None
        visit = self._visits.get(session.guest)
        if visit is session:
            del self._visits[session.guest]
            if event.held:
                self._names.hold(session.nick, session.guest, at + HOLD_SECONDS * 1000)
            else:
                self._names.release(session.nick, session.guest)
        elif visit is not None and visit.nick != session.nick:
            self._names.release(session.nick, session.guest)
        return session
