"""How a person comes by a name: it is asked for, and its password, until the server is content."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twistedchat.client.exchange import RefusedError
from twistedchat.client.exits import NOT_WELCOME, FatalError
from twistedchat.client.options import default_nick
from twistedchat.client.render import safe

if TYPE_CHECKING:
    from collections.abc import Callable

    from twisted.internet.defer import Deferred

    from twistedchat.client.session import Session

TRIES = 3
"""How often a password may be wrong."""


class Naming:
    """Takes a name for a session; ``ask`` has somebody type, ``ask_secretly`` a password."""

    def __init__(
        self, session: Session, ask: Callable[[str, str], Deferred[str]], ask_secretly: Callable[[str], Deferred[str]]
    ) -> None:
        self._session = session
        self._ask = ask
        self._ask_secretly = ask_secretly
        self._wrong = 0

    async def take(self, nick: str) -> None:
        """Take this name, or the one that somebody gives instead; with none, ask for it first.

        :raises FatalError: the password was wrong too often, or the server wants nobody.
        """
        own, token = default_nick(), ""
        while not nick:
            nick = await self._ask(f"Nickname [{own}]: " if own else "Nickname: ", own)
        while True:
            try:
                await self._session.enter(nick, token)
            except RefusedError as refused:
                token = await self._password(refused, nick)
                nick = nick if token else await self._another(refused)
            else:
                return

    async def _password(self, refused: RefusedError, nick: str) -> str:
        """Ask for the name's password where it wants one; nothing where it does not, or another name is wanted."""
        if refused.code == "bad_login":
            self._wrong += 1
            if self._wrong >= TRIES:
                raise FatalError(NOT_WELCOME, refused.words)
        elif refused.code != "nick_owned":
            return ""
        question = f"{safe(refused.words)} Password of {safe(nick)} (Enter: another name): "
        return await self._ask_secretly(question)

    async def _another(self, refused: RefusedError) -> str:
        suggest = safe(refused.suggest or "")
        what = "" if refused.code in {"nick_owned", "bad_login"} else f"{safe(refused.words)} "
        while True:
            nick = await self._ask(f"{what}Another name{f' [{suggest}]' * bool(suggest)}: ", suggest)
            if nick:
                return nick
