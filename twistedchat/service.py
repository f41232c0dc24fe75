"""The daemon put together: settings become a service.

This module alone touches the reactor and the clock; everybody else is handed what
they need.
"""

from __future__ import annotations

import gc
import os
import secrets
import signal
import socket
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from twisted.application.internet import TimerService
from twisted.application.service import IService, MultiService, Service
from twisted.internet import reactor as default_reactor  # noqa: TID251 - the one place
from twisted.internet.defer import Deferred, gatherResults, succeed
from twisted.internet.posixbase import PosixReactorBase
from twisted.internet.task import deferLater
from twisted.logger import Logger

from twistedchat.addresses import Listener, PortError, bound_port, is_bare
from twistedchat.banner import Reach, ready
from twistedchat.chat.chat import Chat
from twistedchat.chat.errors import ChatError
from twistedchat.chat.text import likenesses
from twistedchat.dialects.line import LineDialect
from twistedchat.dialects.wire import Farewell
from twistedchat.doors.gate import Gate
from twistedchat.doors.line import ChatFactory
from twistedchat.options import Options, fail
from twistedchat.passwords import Argon2
from twistedchat.reloading import Hangups, Reloading, adopt, keep_ms, reload, terms_of, text_most
from twistedchat.store.claim import new_claim
from twistedchat.store.errors import StoreError
from twistedchat.store.files import DATABASE, Lock, prepare
from twistedchat.store.sqlite import SqliteLog
from twistedchat.store.workers import Threads
from twistedchat.tls import ServerContext, TlsError, make_certificate

if TYPE_CHECKING:
    from collections.abc import Callable

    from twisted.internet.interfaces import IListeningPort

    from twistedchat.config import Settings

__all__ = ["Options", "makeService"]

TICK_SECONDS = 5
RETAIN_SECONDS = 60
ID_BYTES = 7
"""Of the ids of people, visits and rooms; as digits they take 16 bytes less than 8 would (on Python 3.11)."""
COLLECTIONS = 50_000, 20, 50
"""Objects between the collector's rounds; with its own 700 a thousand who come in at once pay a tenth more."""
DRAIN_SECONDS = 0.5
"""How long what was read last may take that waits for something else: a hello, a page of the past."""
PATIENCE_SECONDS = 2.0
"""How long a commit waits for somebody who has locked the database; at the end there may be two of them."""
END_SECONDS = 4.5
"""How long the end may take, of which people have what is left to read the goodbye."""
GOODBYE_SECONDS = 0.5
"""What is left at the least."""
RETRY_SECONDS = 3
"""When programs may try again after a restart."""
TLS_FOLDER = "tls"
"""In the data folder, where a certificate of our own making lies."""
STORE_FAILED = 4
"""The exit status after a commit of which nobody knows whether it happened."""

_log = Logger("tcpchat")


def makeService(options: Options) -> MultiService:
    """Return what ``twistd tcpchat`` runs."""
    if options.lock is None:  # pragma: no cover - postOptions has taken it
        raise AssertionError
    if not isinstance(default_reactor, PosixReactorBase):
        fail("this reactor cannot listen; leave twistd's --reactor away")
    # Twisted's own goes by the clock that people set: one hour back, and nothing would happen for an hour
    default_reactor.seconds = time.monotonic
    detached = options.parent is not None and not options.parent["nodaemon"]
    daemon = Daemon(options.settings, options.lock, default_reactor, read=options.read, detached=detached)
    daemon.prepare()
    services = MultiService()
    IService(daemon).setServiceParent(services)
    hangups = Hangups(reload=daemon.reload, stop=default_reactor.stop, soon=default_reactor.callFromThread)
    hangups.setServiceParent(services)
    TimerService(TICK_SECONDS, daemon.tick).setServiceParent(services)
    TimerService(RETAIN_SECONDS, lambda: Deferred.fromCoroutine(daemon.retain())).setServiceParent(services)
    return services


def now() -> int:
    """Return the time in milliseconds since 1970."""
    return time.time_ns() // 1_000_000


class Daemon(Service):
    """The whole of it: passwords, the log, the chat, and its door; started and stopped in that order and the reverse.

    `read` reads the settings again. Where it is `detached` from the terminal, a process waits there to be told
    that it has started.
    """

    def __init__(
        self,
        settings: Settings,
        lock: Lock,
        reactor: PosixReactorBase,
        *,
        read: Callable[[], Settings] | None = None,
        detached: bool = False,
    ) -> None:
        self._settings = settings
        self._read = read or (lambda: settings)
        self._lock = lock
        self._reactor = reactor
        self._database = Path(settings.server.data).absolute() / DATABASE
        tls = settings.listen.tls
        self._certificate = self._database.with_name(TLS_FOLDER) if tls == "auto" else Path(tls).absolute()
        self._detached = detached
        self._new = False
        self._code = ""
        self._passwords = Argon2(reactor)
        self._name = settings.server.name or socket.gethostname().partition(".")[0]
        self._tls: ServerContext | None = None
        self._ports: list[IListeningPort] = []
        self._bare: list[int] = []
        self.factory: ChatFactory | None = None

    def prepare(self) -> None:
        """Make the database and the certificate ready, while a refusal still reaches the terminal as it is."""
        try:
            self._tls = self._context()
            self._new = prepare(self._database, secrets.token_hex(4))
            if self._new:
                self._code = new_claim(self._database, now())
        except (StoreError, TlsError) as error:
            fail(str(error), error.status)

    def _context(self) -> ServerContext | None:
        if not self._settings.listen.tls:
            return None
        if self._settings.listen.tls == "auto":
            make_certificate(self._certificate, self._name)
        return ServerContext(self._certificate)

    def privilegedStartService(self) -> None:
        """Open the log and listen; end with a line where that cannot be done."""
        likenesses(self._settings.rooms.lobby)  # so that its tables are read now, and not while the first guest waits
        try:
            self._passwords.start()
            self.factory = self._assemble()
            self.factory.chat.start(now())
            listener = Listener(
                self._reactor,
                self.factory,
                public=self._settings.listen.public,
                tls=self._tls,
                no_ipv6=self._no_ipv6,
            )
            self._reactor.addSystemEventTrigger("before", "shutdown", _ignore_impatience)
            for port in self._settings.listen.port:
                listening = listener.listen(port)
                self._ports += listening
                self._bare += [bound_port(listening[0])] if is_bare(port) else []
        except (StoreError, PortError) as error:
            if self._detached:
                raise  # twistd passes it on to the process that waits
            fail(str(error), error.status)
        self._announce(new=self._new)
        gc.collect()
        gc.freeze()
        gc.set_threshold(*COLLECTIONS)

    def _assemble(self) -> ChatFactory:
        settings = self._settings
        limits = settings.limits
        log = SqliteLog(
            self._database,
            durability=settings.server.durability,
            clock=self._reactor,
            workers=Threads(self._reactor),
            on_broken=self._broken,
            patience=PATIENCE_SECONDS,
        )
        reloading = Reloading(settings, self._read, self._adopt, tls=self._tls, renew=self._context)
        chat = Chat(
            log,
            self._passwords,
            lobby=settings.rooms.lobby,
            text_most=text_most(settings),
            new_id=lambda: secrets.token_hex(ID_BYTES),
            guests=settings.rooms.guests,
            register=settings.accounts.register == "open",
            keep=keep_ms(settings),
            reread=reloading.reread,
        )
        gate = Gate(
            per_address=limits.connections_per_address,
            per_minute=limits.connects_per_minute,
            exempt=limits.exempt,
        )
        factory = ChatFactory(
            chat, terms_of(settings, self._name), gate, clock=self._reactor, now=now, text=LineDialect()
        )
        chat.doors.append(factory)
        return factory

    def _adopt(self, settings: Settings) -> None:
        if self.factory is not None:
            adopt(settings, self.factory)

    def reload(self) -> Deferred[None]:
        """Read the settings again; where something is wrong with them the log says so, and the old ones hold."""
        if self.factory is None:
            return succeed(None)
        return Deferred.fromCoroutine(reload(self.factory.chat, now()))

    def _no_ipv6(self, why: str) -> None:
        _log.info("  no IPv6 here: {why}", why=why)

    def _announce(self, *, new: bool) -> None:
        listen = self._settings.listen
        reach = Reach(
            tuple(self._bare),
            tuple(port for port in listen.port if not is_bare(port)),
            self._name if listen.public else "localhost",
            self._tls.fingerprint if self._tls else "",
        )
        durability = self._settings.server.durability
        banner = ready(reach, self._database, new=new, durability=durability, code=self._code)
        _log.info("{banner}", banner=banner)

    async def retain(self) -> None:
        """Forget what is kept no longer; where that fails, it is tried again the next time."""
        if self.factory is not None:
            with suppress(ChatError):
                await self.factory.chat.retain(now())

    def tick(self) -> None:
        """Let go of what has been kept long enough."""
        if self.factory is not None:
            self.factory.chat.tick(now())
            self.factory.gate.tick(self._reactor.seconds())
            self.factory.connections.tick(self._reactor.seconds())

    def stopService(self) -> Deferred[None]:
        """Take no more, store what was read, tell everybody, and end within 5 s."""
        super().stopService()
        return Deferred.fromCoroutine(self._stop())

    async def _stop(self) -> None:
        factory = self.factory
        if factory is None:
            return
        await gatherResults([Deferred.fromCoroutine(_closed(port)) for port in self._ports])
        ends = self._reactor.seconds() + END_SECONDS
        factory.connections.drain()
        await self._until(lambda: not factory.connections.waiting, DRAIN_SECONDS)
        self._passwords.stop()
        await factory.chat.log.stop()
        told = factory.connections.farewell(
            Farewell("restarting", "The server is going down. Come again.", RETRY_SECONDS)
        )
        await self._until(lambda: not factory.connections, max(GOODBYE_SECONDS, ends - self._reactor.seconds()))
        self._lock.release()
        _log.info("told {told}, stored everything, bye", told="1 person" if told == 1 else f"{told} people")

    async def _until(self, done: Callable[[], bool], seconds: float) -> None:
        """Wait for that, but not for longer."""
        until = self._reactor.seconds() + seconds
        while not done() and self._reactor.seconds() < until:
            await deferLater(self._reactor, 0.02)

    def _broken(self) -> None:
        """End, for nobody knows whether the last commit happened; the next start finds out."""
        _log.critical("A commit failed in a way that leaves open whether it happened. Ending; start again.")
        self._reactor.addSystemEventTrigger("after", "shutdown", os._exit, STORE_FAILED)
        if self.running and self._reactor.running:
            self._reactor.callLater(0, self._reactor.stop)


def _ignore_impatience() -> None:
    """Take no further Ctrl-C: the end takes 5 s at most, and another stop of the reactor would be a fault."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)


async def _closed(port: IListeningPort) -> None:
    stopping = port.stopListening()
    if isinstance(stopping, Deferred):
        await stopping
