"""``async with connect(...) as chat``: how a bot comes in, and how it goes."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from twisted.internet.defer import Deferred
from twisted.internet.threads import deferToThreadPool

from twistedchat.client.arrive import dial
from twistedchat.client.chat import Chat
from twistedchat.client.exits import NOT_STORED, FatalError, Place
from twistedchat.client.link import Link
from twistedchat.client.notebook import Notebook
from twistedchat.client.trust import KnownServers, Trust, known_servers
from twistedchat.client.ways import not_safe

if TYPE_CHECKING:
    from collections.abc import Callable
    from os import PathLike
    from types import TracebackType

    from twisted.internet.interfaces import IStreamClientEndpoint
    from twisted.internet.posixbase import PosixReactorBase


def connect(  # noqa: PLR0913 - what may be left out is said by name
    reactor: PosixReactorBase,
    host: str = "localhost",
    port: int = 55555,
    *,
    nick: str,
    token: str = "",
    state: str | PathLike[str] | None = None,
    insecure: bool = False,
    fingerprint: str = "",
    endpoint: IStreamClientEndpoint | None = None,
) -> Connecting:
    """Come into a chat under this ``nick``, whose password is ``token``; for one ``async with``.

    ``state`` is a file in which the bot's session and how far it has read are kept, so that
    it misses nothing while it is not running. To another computer it goes by TLS, and nobody is
    asked: the certificate has to be one that the system's roots vouch for, or that tcpchat-client
    knows on this account, or that with the SHA-256 ``fingerprint``; ``insecure`` allows a way on which
    others can read. An ``endpoint`` of your own (a UNIX socket, a proxy) is used as it is.

    Leaving without an exception waits until all that was said is stored, or raises
    `UnansweredError` after 30 s. With an exception, or when the reactor stops, it only says goodbye.

    :raises ValueError: the fingerprint is none.
    :raises FatalError: there is no such server, or it lets nobody in, or the state cannot be read.
    :raises RefusedError: the nick cannot be had; ``suggest`` is a free one.
    """
    notebook = Notebook(
        None if state is None else Path(state).absolute(),
        lambda work: deferToThreadPool(reactor, reactor.getThreadPool(), work),
    )
    chat = Chat(notebook)
    place = Place(host, port)
    trust = Trust(place, KnownServers(known_servers()), fingerprint, insecure=insecure)
    link = dial(trust, chat.session, reactor) if endpoint is None else Link(place, endpoint, chat.session, reactor)
    arrival = Arrival(place, nick, token, anyhow=insecure or endpoint is not None)
    return Connecting(reactor, chat, link, notebook, arrival)


@dataclass(frozen=True)
class Arrival:
    """How a bot comes in; ``anyhow``: also where others can read what is sent."""

    place: Place
    nick: str
    token: str = field(default="", repr=False)
    anyhow: bool = False


class Connecting:
    """What `connect` returns, for one ``async with``."""

    def __init__(
        self, reactor: PosixReactorBase, chat: Chat, link: Link, notebook: Notebook, arrival: Arrival
    ) -> None:
        self._reactor = reactor
        self._chat = chat
        self._link = link
        self._notebook = notebook
        self._arrival = arrival
        self._untie: Callable[[], None] = lambda: None

    async def __aenter__(self) -> Chat:
        self._notebook.load()
        trigger = self._reactor.addSystemEventTrigger("before", "shutdown", self._stopped)
        self._untie = partial(self._reactor.removeSystemEventTrigger, trigger)
        try:
            await self._arrive()
        except BaseException:
            await self._leave()
            raise
        return self._chat

    async def __aexit__(
        self, kind: type[BaseException] | None, why: BaseException | None, where: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                await self._chat.settle(self._reactor)
        finally:
            await self._leave()

    async def _arrive(self) -> None:
        session = self._chat.session
        self._link.start()
        await session.contact
        if not (self._link.private or self._arrival.anyhow):
            raise not_safe(self._arrival.place, self._link.way)
        await session.enter(self._arrival.nick, self._arrival.token, self._notebook.state.session)
        try:
            await self._notebook.keep()
        except OSError as why:
            raise FatalError(NOT_STORED, f"Cannot keep the state: {why}") from None

    async def _leave(self) -> None:
        untie, self._untie = self._untie, lambda: None
        untie()
        await self._link.leave()
        self._chat.close()

    def _stopped(self) -> Deferred[None]:
        """Say goodbye, for the reactor stops: then the name is free at once."""
        self._untie = lambda: None
        return Deferred.fromCoroutine(self._leave())
