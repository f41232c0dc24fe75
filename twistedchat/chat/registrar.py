"""The registrar: accounts are made, and people come to be known as their owners."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twistedchat.chat.accounts import ACCOUNT, Account
from twistedchat.chat.acts import Claimed, LoggedIn, LoggedOut, PasswordSet, Registered
from twistedchat.chat.attempts import Attempts
from twistedchat.chat.durations import SECOND, roughly
from twistedchat.chat.errors import BadLogin, BadText, ChatError, NickTaken, NotAllowed, SlowDown
from twistedchat.chat.events import Proposal
from twistedchat.chat.names import claims

if TYPE_CHECKING:
    from collections.abc import Callable

    from twistedchat.chat.log import Log
    from twistedchat.chat.passwords import Passwords
    from twistedchat.chat.people import People
    from twistedchat.chat.session import Session

PASSWORD_LEAST, PASSWORD_MOST = 8, 128
WRONG = "That name and that password do not belong together."
"""One text, whether there is such a name or not."""


class Registrar:
    """Makes accounts, and lets people into theirs; `is_open` says whether anybody may make one."""

    def __init__(
        self, people: People, log: Log, passwords: Passwords, new_id: Callable[[], str], *, is_open: bool
    ) -> None:
        self._people = people
        self._log = log
        self._passwords = passwords
        self._new_id = new_id
        self.is_open = is_open
        self.attempts = Attempts()

    async def check(self, nick: str, password: str, session: Session, at: int) -> str:
        """Return the id of the account of that name; raise `BadLogin` where that is not its password.

        It takes as long for a name that nobody has. Who tries too often is told so
        with `SlowDown`, and a session that can be read on the way gets `NotAllowed`.
        """
        require_confidential(session)
        owner = self._people.names.owner(nick)
        account = owner if owner in self._people.accounts else ""
        wait = self.attempts.begin(account or nick.casefold(), session.address, at)
        if wait:
            raise SlowDown(f"Too many wrong passwords. Try again in {wait} s.")
        hashed = await self._log.password(account) if account else ""
        if not await self._passwords.verify(hashed, password):
            raise BadLogin(WRONG)
        self.attempts.succeed(account, session.address)
        return account

    async def register(self, session: Session, password: str, at: int) -> None:
        """Make the session's nickname that of an account, and the session its owner's."""
        require_confidential(session)
        self.check_may_register(session)
        check_password(password, session.nick)
        wait = self.attempts.enrol(session.address, at)
        if wait:
            raise SlowDown(f"Too many accounts were made from your address. Try again in {roughly(wait * SECOND)}.")
        nick = session.nick
        hashed = await self._passwords.hash(password)
        with self._people.changing(session, at):
            if session.gone or session.nick != nick or session.person.account is not None:
                raise NickTaken("Your name has changed meanwhile. Try again.")
            account = ACCOUNT + self._new_id()
            made = Registered(nick, account, hashed, session.person.admin)
            await self._log.place(Proposal(made, "", session.by, at, releases=claims(nick)))
            await self._become(session, self._people.accounts[account], at)
        self.attempts.succeed(account, session.address)

    def check_may_register(self, session: Session) -> None:
        """Raise the `ChatError` that keeps the session from having an account made."""
        if session.person.account is not None:
            raise NotAllowed(f"You are logged in as {session.nick} already.")
        if not self.is_open:
            raise NotAllowed("This server takes no new members.")

    async def login(self, session: Session, nick: str, password: str, at: int) -> None:
        """Have the session be the owner's of the account of that name."""
        account = self._people.accounts[await self.check(nick, password, session, at)]
        with self._people.changing(session, at):
            if session.by == account.id:
                return
            if session.person.account is not None:
                await self._leave(session, at)
            await self._become(session, account, at)

    async def _become(self, session: Session, account: Account, at: int) -> None:
        event = LoggedIn(
            session.nick, session.id, session.by, account.id, account.name, session.secret_hash, session.person.admin
        )
        releases = claims(session.nick) if session.nick != account.name else ()
        await self._log.place(Proposal(event, "", session.by, at, releases=releases))

    async def logout(self, session: Session, at: int) -> None:
        """Have the session be a guest's, under another name."""
        with self._people.changing(session, at):
            await self._leave(session, at)

    async def _leave(self, session: Session, at: int) -> None:
        guest, to = self._new_id(), self._people.names.free_form_of(session.nick)
        self._people.names.take(to, guest)
        event = LoggedOut(session.nick, session.id, guest, to, session.secret_hash)
        try:
            await self._log.place(Proposal(event, "", session.by, at, asker=session))
        except ChatError:
            self._people.names.release(to, guest)
            raise

    async def change_password(self, session: Session, old: str, new: str, at: int) -> None:
        """Give the account another password, and end its other visits."""
        check_password(new, session.nick)
        account = await self.check(session.nick, old, session, at)
        hashed = await self._passwords.hash(new)
        changed = PasswordSet(session.nick, account, session.id, hashed, session.secret_hash)
        await self._log.place(Proposal(changed, "", session.by, at))

    async def claim(self, session: Session, code_hash: str, at: int) -> None:
        """Make the person admin of the server, if that is the hash of the one-time code; else raise `BadLogin`."""
        wait = self.attempts.begin("claim", session.address, at)
        if wait:
            raise SlowDown(f"Too many wrong codes. Try again in {wait} s.")
        claimed = Claimed(session.nick, session.by, code_hash)
        await self._log.place(Proposal(claimed, "", session.by, at))
        self.attempts.succeed("claim", session.address)


def require_confidential(session: Session) -> None:
    """Raise `NotAllowed` where what is typed can be read on the way."""
    if not session.confidential:
        raise NotAllowed("Passwords are not taken here: what you type can be read on the way. Use TLS.")


def check_password(password: str, nick: str) -> None:
    """Raise `BadText` where it is no good as a password."""
    if not PASSWORD_LEAST <= len(password) <= PASSWORD_MOST or not password.isprintable() or " " in password:
        raise BadText(f"A password has {PASSWORD_LEAST} to {PASSWORD_MOST} characters, and no spaces.")
    if password.casefold() == nick.casefold():
        raise BadText("Your nickname is no password.")
