"""Who is here: sessions come under a name, change it, and go."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from twistedchat.chat.accounts import Account, is_account
from twistedchat.chat.errors import ChatError, NickOwned, NickTaken, NoSuchNick, SlowDown
from twistedchat.chat.events import Arrived, Away, Departed, Proposal, Renamed
from twistedchat.chat.names import HOLD_SECONDS, Names, claims
from twistedchat.chat.session import Person, Session
from twistedchat.chat.text import nickname

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Iterator

    from twistedchat.chat.events import Entry
    from twistedchat.chat.log import KnownAccount, KnownGuest, Log


GONE_MS, GONE_MOST = 1_800_000, 1000
"""For so long (ms) so many are known who have gone, for whoever keeps order is seldom quick enough."""


class People:
    """Those who are here and those who have accounts, by session, by person and by name.

    A session comes in, is renamed and goes through the log like everything else; what was
    settled becomes the state in `Presence`. `dismiss` is called with a session whose
    person has come in by another connection with the same secret, `check` before anybody
    comes in, to raise the `ChatError` that keeps them out.
    """

    def __init__(
        self,
        log: Log,
        new_id: Callable[[], str],
        dismiss: Callable[[Session], None],
        check: Callable[[Session, str, int], None],
    ) -> None:
        self.sessions: dict[str, Session] = {}
        self.persons: dict[str, Person] = {}
        self.accounts: dict[str, Account] = {}
        self.names = Names()
        self.by_secret: dict[str, Session] = {}
        self.seen = 0
        """The last `id` that was settled, hence told to whoever is here."""
        self.gone: dict[str, tuple[Person, int]] = {}
        """Those who were here lately, by id, each with when they went (ms); the last one last."""
        self._late: dict[str, tuple[str, bool]] = {}
        self._leaving: dict[str, Awaitable[Entry]] = {}
        self._log = log
        self._new_id = new_id
        self._dismiss = dismiss
        self._check = check

    def remember(self, accounts: Iterable[KnownAccount], guests: Iterable[KnownGuest]) -> None:
        """Know the accounts, and hold the names of the guests who were here before the start."""
        for known in accounts:
            self.names.take(known.name, known.id)
            self.accounts[known.id] = Account(known.id, known.name, known.made, known.admin, known.seen, known.prefs)
        for guest in guests:
            with suppress(NickTaken):
                self.names.take(guest.nick, guest.id)
                self.names.hold(guest.nick, guest.id, guest.seen + HOLD_SECONDS * 1000)

    def tick(self, at: int) -> None:
        """Let go of the names that have been kept long enough, and forget who has been gone for long."""
        self.names.expire(at)
        self.gone = {id_: (person, then) for id_, (person, then) in self.gone.items() if at - then < GONE_MS}

    # --- finding ------------------------------------------------------------------------------

    def named(self, nick: str) -> Person:
        """Return whoever has that name: somebody who is here, or who has an account; else raise `NoSuchNick`."""
        owner = self.names.owner(nick)
        person = self.persons.get(owner)
        if person is not None:
            return person
        if owner in self.accounts:
            return Person(owner, self.accounts[owner])
        raise NoSuchNick(f"Nobody here is called {nick}.")

    def known(self, nick: str) -> Person:
        """Return whoever has that name, as `named` does, or was here by it lately."""
        owner = self.names.owner(nick)
        if not owner:
            folded = nick.casefold()
            owner = next((id_ for id_, (who, _) in reversed(self.gone.items()) if who.nick.casefold() == folded), "")
        return self.persons.get(owner) or self._gone(owner) or self.named(nick)

    def known_by(self, id: str, nick: str) -> Person:  # noqa: A002 - the field's word
        """Return the person of that id, wherever they are by now, who was called `nick` then."""
        person = self.persons.get(id) or self._gone(id) or self.person(id)
        if person is None:
            person = Person(id)
            person.nick = nick
        return person

    def _gone(self, id: str) -> Person | None:  # noqa: A002 - the field's word
        """Return who went by that id, as who they are now, or were last."""
        if id not in self.gone:
            return None
        person, at = self.gone[id]
        return self.persons.get(person.id) or self.gone.get(person.id, (person, at))[0]

    def person(self, id: str) -> Person | None:  # noqa: A002 - the field's word
        """Return the person of that id who is here, or who has an account."""
        account = self.accounts.get(id)
        return self.persons.get(id) or (Person(id, account) if account else None)

    def of(self, persons: Iterable[str]) -> list[Session]:
        """Return the sessions of those persons who are here."""
        return [session for id_ in persons if id_ in self.persons for session in self.persons[id_].sessions]

    def invent_nick(self, wanted: str) -> str:
        """Return a free nickname near `wanted`, for a peer that cannot be asked again."""
        return self.names.invent(wanted)

    def went(self, person: Person, at: int, id: str = "") -> None:  # noqa: A002 - the field's word
        """Know for a while who was here, or by that `id` was somebody else."""
        self.gone.pop(id or person.id, None)
        self.gone[id or person.id] = person, at
        if len(self.gone) > GONE_MOST:
            del self.gone[next(iter(self.gone))]

    # --- coming, going, and another name --------------------------------------------------------

    def visitor(
        self,
        person: str = "",
        *,
        secret_hash: str = "",
        address: str = "",
        confidential: bool = True,
        bot: bool = False,
    ) -> Session:
        """Return a session for somebody new at a door, or for the `person` who came back."""
        who = self.persons.get(person) or Person(person or self._new_id(), self.accounts.get(person))
        return Session(
            self._new_id(), who, secret_hash=secret_hash, address=address, confidential=confidential, bot=bot
        )

    async def arrive(self, session: Session, wanted: str, at: int) -> None:
        """Give the session its nickname; raise `BadNick`, `NickTaken` or `NickOwned` where it cannot have it.

        Whoever has an account comes by its name, whatever they want.
        """
        account = session.person.account
        nick = account.name if account else nickname(wanted)
        self._check(session, nick, at)
        self._take(nick, session.by, at)
        earlier = self.by_secret.get(session.secret_hash)
        if earlier is not None:
            self._dismiss(earlier)
            self.depart(earlier, at)
        self.sessions[session.id] = session
        if session.secret_hash:
            self.by_secret[session.secret_hash] = session
        session.nick = nick
        try:
            arrived = Arrived(nick, session.id, session.by, session.secret_hash)
            own = () if account else claims(nick)
            await self._log.place(Proposal(arrived, "", session.by, at, claims=own))
        except ChatError:
            self.forget(session)
            if account is None:
                self.names.release(nick, session.by)
            raise

    def _take(self, nick: str, by: str, at: int) -> None:
        self.names.expire(at)
        owner = self.names.owner(nick)
        if owner != by and is_account(owner):
            raise NickOwned(f"{self.accounts[owner].name} is a member's name.")
        self.names.take(nick, by)

    def forget(self, session: Session) -> None:
        """Have the session nowhere any more."""
        self.sessions.pop(session.id, None)
        if self.by_secret.get(session.secret_hash) is session:
            del self.by_secret[session.secret_hash]

    async def rename(self, session: Session, wanted: str, at: int) -> None:
        """Give the person another nickname, and their account another name."""
        nick = nickname(wanted)
        with self.changing(session, at):
            if nick != session.nick:
                await self._rename(session, nick, at)

    async def _rename(self, session: Session, nick: str, at: int) -> None:
        old = session.nick
        self._check(session, nick, at)
        self._take(nick, session.by, at)
        renamed = Proposal(
            Renamed(old, session.id, nick),
            "",
            session.by,
            at,
            claims=claims(nick),
            releases=tuple(claim for claim in claims(old) if claim not in claims(nick)),
            asker=session,
        )
        try:
            await self._log.place(renamed)
        except ChatError:
            self.names.release(nick, session.by)
            self.names.take(old, session.by)
            raise

    @contextmanager
    def changing(self, session: Session, at: int) -> Iterator[None]:
        """Have only one thing at a time change who a session is, or a person's name; its departure waits for that."""
        if any(each.renaming for each in (session, *session.person.sessions)):
            raise SlowDown("Your name is just changing. Try again.")
        session.renaming = True
        try:
            yield
        finally:
            session.renaming = False
            if session.gone:
                why, goodbye = self._late.pop(session.id, ("", False))
                if session.id in self.sessions:
                    self._log.append(self._departure(session, at, why, goodbye=goodbye))

    async def set_away(self, session: Session, why: str, at: int) -> None:
        """Have it known that the person is away, and why; with "" that they are back."""
        await self._log.place(Proposal(Away(session.nick, session.id, why), "", session.by, at))

    def depart(self, session: Session, at: int, why: str = "", *, goodbye: bool = False) -> None:
        """End the visit; to end it twice is news once. The name waits for a return, but not after a `goodbye`."""
        if session.gone:
            return
        session.gone = True
        if session.renaming:
            self._late[session.id] = why, goodbye
        elif session.id in self.sessions and goodbye:
            self._leaving[session.id] = self._log.place(self._departure(session, at, why, goodbye=True))
        elif session.id in self.sessions:
            self._log.append(self._departure(session, at, why, goodbye=False))

    async def left(self, session: Session | None) -> None:
        """Wait until the name of whoever has said goodbye is free, as far as that can be stored."""
        leaving = None if session is None else self._leaving.pop(session.id, None)
        if leaving is not None:
            with suppress(ChatError):
                await leaving

    def _departure(self, session: Session, at: int, why: str, *, goodbye: bool) -> Proposal:
        held = session.returns and not goodbye and not is_account(session.by)
        heard = {room.id: room.head for room in session.rooms.values()} if is_account(session.by) else {}
        gone = Departed(session.nick, session.id, session.by, session.returns, held, why, self.seen, heard=heard)
        others = [each for each in session.person.sessions if each is not session]
        kept = {claim for each in others for claim in claims(each.nick)}
        own = () if is_account(session.by) else claims(session.nick)
        releases = tuple(claim for claim in own if claim not in kept)
        return Proposal(gone, "", session.by, at, releases=releases)
