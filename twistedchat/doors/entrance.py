"""Coming in: a hello becomes a session with a name, and the peer is welcomed."""

from __future__ import annotations

import secrets
from hashlib import sha256
from typing import TYPE_CHECKING

from msgspec import structs
from twisted.logger import Logger

from twistedchat.chat.commands import COMMANDS
from twistedchat.chat.errors import BadJson, BadLogin, Banned, ChatError, NickOwned, SlowDown
from twistedchat.chat.replies import Told
from twistedchat.dialects.wire import Farewell, Preferences, Welcome
from twistedchat.doors.asking import ask, check_asking

if TYPE_CHECKING:
    from twistedchat.chat.session import Session
    from twistedchat.dialects.requests import Hello
    from twistedchat.doors.line import ChatProtocol
    from twistedchat.doors.terms import Manner

VERSION = 1
"""Of the JSON dialect."""
WRONG_MOST = 3
"""So many wrong passwords end a connection that has no name yet."""
_SYNOPSES = tuple(each.synopsis for each in COMMANDS.commands)
_REPLACED = Farewell("replaced", "You have come in by another connection.")
_WRONG = Farewell("bad_login", f"{WRONG_MOST} wrong passwords: goodbye.")

_log = Logger("tcpchat.people")


class Entrance:
    """Lets one peer in, in the manner of its kind."""

    __slots__ = ("_chat", "_connection", "_manner", "_secret", "_wrong")

    def __init__(self, connection: ChatProtocol, manner: Manner) -> None:
        self._connection = connection
        self._chat = connection.factory.chat
        self._manner = manner
        self._secret = ""
        self._wrong = 0

    def understood(self, hello: Hello) -> Hello:
        """Return what is meant: of two words that were typed the second is a password after a member's name only."""
        if not hello.token or self._manner.returns:
            return hello
        people = self._chat.people
        if people.names.owner(hello.nick) in people.accounts and not self._manner.invents:
            return hello
        return structs.replace(hello, nick=f"{hello.nick} {hello.token}", token="")

    async def session(self, hello: Hello) -> Session | None:
        """Return a session for whoever says hello; None where they are refused, and have been told why.

        It is the same person's as before if they can show it: by the secret of an earlier
        session, or by the password of the account that has the name.
        """
        try:
            if hello.v != VERSION:
                raise BadJson(f"this server speaks version {VERSION}")
            return await self._session(hello)
        except ChatError as error:
            self._refuse(error, hello)
            return None

    async def _session(self, hello: Hello) -> Session:
        person = ""
        if self._manner.returns:
            self._secret = hello.session
            person = await self._chat.log.person(_hash(hello.session)) if hello.session else ""
        if hello.token:
            owner = await self._owner(hello, person)
            person, self._secret = owner, self._secret if owner == person else ""
        if self._manner.returns and not (person and self._secret):
            self._secret = secrets.token_urlsafe(16)
        return self._visitor(person, _hash(self._secret) if self._secret else "", bot=hello.bot)

    async def _owner(self, hello: Hello, person: str) -> str:
        """Return the id of the account that has the name and that password."""
        known = self._chat.people.accounts.get(person)
        if known is not None and known.name.casefold() == hello.nick.casefold():
            return person
        now = self._connection.factory.now()
        return await self._chat.accounts.check(hello.nick, hello.token, self._visitor(), now)

    def _visitor(self, person: str = "", secret_hash: str = "", *, bot: bool = False) -> Session:
        connection = self._connection
        return self._chat.people.visitor(
            person,
            secret_hash=secret_hash,
            address=connection.origin.address,
            confidential=connection.confidential,
            bot=bot,
        )

    async def name(self, session: Session, hello: Hello) -> bool:
        """Give the session its name; return whether it has one, and say why where it has not."""
        nick = self._chat.people.invent_nick(hello.nick) if self._manner.invents else hello.nick
        try:
            await self._chat.people.arrive(session, nick, self._connection.factory.now())
        except ChatError as error:
            self._refuse(error, hello)
            return False
        if session.gone:
            self._connection.close(_REPLACED)
            return False
        try:
            self._connection.named(member=session.person.account is not None)
        except ChatError as error:
            self._chat.people.depart(session, self._connection.factory.now())
            self._connection.close(Farewell(error.code, error.text))
            return False
        _log.info("{nick} joined ({host})", nick=session.nick, host=self._connection.origin.host)
        return True

    async def land(self, session: Session) -> ChatError | None:
        """Bring the session into the lobby, if its kind begins there; return why it may not be there."""
        try:
            if self._manner.lands and not self._connection.voice.closed:
                await self._chat.join(session, self._chat.lobby, self._connection.factory.now())
        except ChatError as error:
            return error
        return None

    def welcome(self, session: Session, hello: Hello) -> bytes:
        """Return what tells the peer that it is in, under which name, and in which manner it is told things."""
        terms, voice, person = self._connection.factory.terms, self._connection.voice, session.person
        welcome = Welcome(
            terms.server,
            self._chat.epoch,
            session.nick,
            self._chat.access.role(person, None).value,
            self._chat.lobby.name,
            _SYNOPSES,
            self._secret,
            terms.text_characters,
            self._connection.rate,
            terms.ping_seconds,
            self._connection.factory.now(),
            inside=session.active is not None,
            account=person.account.name if person.account else "",
            motd=self._chat.motd,
            keep=terms.keep,
        )
        voice.prefer(person.prefs)
        frames = [voice.dialect.answer(welcome, hello.ref)]
        if person.account is not None:
            frames.append(voice.dialect.answer(Preferences(person.prefs), None))
        if self._manner.invents and session.nick != hello.nick:
            another = Told((f"You are {session.nick} here, for the other name could not be had.",))
            frames.append(voice.dialect.answer(another, None))
        if person.away and not self._manner.acks:
            frames.append(voice.dialect.answer(Told((f"You are away: {person.away}. /back ends it.",)), None))
        return b"".join(frames)

    # --- refusing -------------------------------------------------------------------------------

    def _refuse(self, error: ChatError, hello: Hello) -> None:
        self._wrong += isinstance(error, BadLogin)
        if isinstance(error, SlowDown):  # whoever types the password again must not be typing a nickname
            self._connection.close(Farewell(error.code, error.text))
            return
        again = self._manner.asks_again
        if self._wrong == WRONG_MOST:
            self._connection.voice.answer(error, hello.ref)
            self._connection.close(_WRONG)
        elif again is None or isinstance(error, Banned):
            self._connection.close(Farewell(error.code, error.text))
        else:
            self._connection.voice.answer(error, hello.ref)
            if not (again and isinstance(error, NickOwned | BadLogin) and self._asks_password(hello)):
                self._connection.voice.put(again)

    def _asks_password(self, hello: Hello) -> bool:
        """Ask for the password of that name; return whether that can be, and say why where it cannot."""
        connection = self._connection

        def answered(token: str) -> None:
            if token:
                connection.visit.perform(structs.replace(hello, token=token))
            else:
                connection.voice.put(self._manner.asks_again or b"")

        try:
            check_asking(connection)
        except ChatError as error:
            connection.voice.answer(error)
            return False
        if not hello.token:
            connection.voice.answer(Told(("It wants its password; an empty line takes another nickname.",)))
        ask(connection, "Password: ", answered)
        return True


def _hash(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
