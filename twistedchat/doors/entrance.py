"""Coming in: a hello becomes a session with a name, and the peer is welcomed."""

from __future__ import annotations

import secrets
from hashlib import sha256
from typing import TYPE_CHECKING

from twisted.logger import Logger

from twistedchat.chat.commands import COMMANDS
from twistedchat.chat.errors import BadJson, ChatError
from twistedchat.chat.replies import Told
from twistedchat.dialects.wire import Farewell, Welcome

if TYPE_CHECKING:
    from twistedchat.chat.events import Ref
    from twistedchat.chat.session import Session
    from twistedchat.dialects.wire import Hello
    from twistedchat.doors.line import ChatProtocol
    from twistedchat.doors.terms import Manner

VERSION = 1
"""Of the JSON dialect."""

REPLACED = Farewell("replaced", "You have come in by another connection.")

_log = Logger("tcpchat.people")


class Entrance:
    """Lets one peer in, in the manner of its kind."""

    def __init__(self, connection: ChatProtocol, manner: Manner) -> None:
        self._connection = connection
        self._chat = connection.factory.chat
        self._manner = manner
        self._secret = ""

    async def session(self, hello: Hello) -> tuple[Session, str]:
        """Return a session for whoever says hello, the same guest's as before if they can show it.

        With it comes the hash of its secret, "" for peers that get none.
        """
        if hello.v != VERSION:
            raise BadJson(f"this server speaks version {VERSION}")
        if not self._manner.returns:
            return self._chat.people.visitor(), ""
        self._secret, guest = hello.session, ""
        if self._secret:
            guest = await self._chat.log.guest(_hash(self._secret))
        if not guest:
            self._secret = secrets.token_urlsafe(16)
        return self._chat.people.visitor(guest, returns=True), _hash(self._secret)

    async def name(self, session: Session, hello: Hello, secret_hash: str) -> bool:
        """Give the session its name; return whether it has one, and say why where it has not."""
        nick = self._chat.people.invent_nick(hello.nick) if self._manner.invents else hello.nick
        try:
            await self._chat.people.arrive(session, nick, self._connection.factory.now(), secret_hash)
        except ChatError as error:
            self._refuse(error, hello.ref)
            return False
        if session.gone:
            self._connection.close(REPLACED)
            return False
        try:
            self._connection.named()
        except ChatError as error:
            self._chat.people.depart(session, self._connection.factory.now())
            self._connection.close(Farewell(error.code, error.text))
            return False
        _log.info("{nick} joined ({host})", nick=session.nick, host=self._connection.origin.host)
        return True

    def welcome(self, session: Session, hello: Hello) -> None:
        """Tell the peer that it is in, and under which name."""
        terms = self._connection.factory.terms
        welcome = Welcome(
            terms.server,
            self._chat.epoch,
            session.nick,
            session.role.value,
            self._chat.lobby.name,
            tuple(each.synopsis for each in COMMANDS.commands),
            self._secret,
            terms.text_characters,
            self._connection.rate,
            terms.ping_seconds,
            self._connection.factory.now(),
            inside=session.active is not None,
        )
        self._connection.voice.answer(welcome, hello.ref)
        if self._manner.invents and session.nick != hello.nick:
            self._connection.voice.answer(
                Told((f"You are {session.nick} here, for the other name could not be had.",))
            )

    def _refuse(self, error: ChatError, ref: Ref | None) -> None:
        if self._manner.asks_again is None:
            self._connection.close(Farewell(error.code, error.text))
        else:
            self._connection.voice.answer(error, ref)
            self._connection.voice.put(self._manner.asks_again)


def _hash(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
