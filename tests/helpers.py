"""Doubles and small tools that tests share: a daemon on a clock that stands still, and people at its door."""

from __future__ import annotations

import json
import os
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

import pytest
from twisted.internet.address import IPv4Address
from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.interfaces import ISSLTransport
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.logger import ILogObserver, formatEvent, globalLogPublisher
from zope.interface import alsoProvides, implementer

from twistedchat.chat.chat import Chat
from twistedchat.dialects.line import LineDialect
from twistedchat.doors.gate import Gate
from twistedchat.doors.line import ChatFactory
from twistedchat.doors.terms import Terms
from twistedchat.store.claim import new_claim
from twistedchat.store.files import DATABASE, prepare
from twistedchat.store.sqlite import SqliteLog

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from twisted.logger import LogEvent

    from twistedchat.chat.log import Log
    from twistedchat.doors.line import ChatProtocol

T = TypeVar("T")

NOON = 1_700_000_000_000
"""When the tests' clock starts, in milliseconds since 1970."""
LOOPBACK, ELSEWHERE = "127.0.0.1", "198.51.100.7"
PASSWORD = "correct-horse"
"""Everybody's."""


def tool(name: str) -> str:
    """Return where a program is; without it the test is skipped, but under CI it fails."""
    path = shutil.which(name)
    if path is None:
        if os.environ.get("CI"):
            pytest.fail(f"{name} is not installed")
        pytest.skip(f"{name} is not installed")
    return path


@contextmanager
def logged() -> Iterator[list[str]]:
    """Collect everything that is logged, as it would be written."""
    lines: list[str] = []

    @implementer(ILogObserver)
    def note(event: LogEvent) -> None:
        lines.append(formatEvent(event))

    globalLogPublisher.addObserver(note)
    try:
        yield lines
    finally:
        globalLogPublisher.removeObserver(note)


class OnTheSpot:
    """The store's workers, without threads: everything is done when it is asked for."""

    def write(self, job: Callable[[], T], done: Callable[[T], None]) -> None:
        done(job())

    def read(self, job: Callable[[], T]) -> Deferred[T]:
        return maybeDeferred(job)

    def stop(self) -> None:
        pass


class AtOnce:
    """Passwords that are hashed at once."""

    async def hash(self, password: str) -> str:
        return f"hash of {password}"

    async def verify(self, hashed: str, password: str) -> bool:
        return hashed == f"hash of {password}"


class PeerTransport(StringTransport):
    """A transport that a peer reads, or does not."""

    aborted = False
    reading = True

    def abortConnection(self) -> None:
        self.aborted = True
        self.loseConnection()

    def pauseProducing(self) -> None:
        self.reading = False

    def resumeProducing(self) -> None:
        self.reading = True


class Person:
    """Somebody at the door, with a connection of their own; under TLS they have shaken hands."""

    def __init__(self, works: Clockwork, host: str, *, tls: bool = False) -> None:
        self._works = works
        self.transport = PeerTransport(peerAddress=IPv4Address("TCP", host, 4321))
        protocol = works.factory.buildProtocol(self.transport.getPeer())
        assert protocol is not None, "dropped"
        self.protocol: ChatProtocol = protocol
        if tls:
            alsoProvides(self.transport, ISSLTransport)
        self.protocol.makeConnection(self.transport)
        if tls:
            self.protocol.handshakeCompleted()
        self.gone = False

    def sends(self, data: bytes) -> None:
        """Have bytes arrive at the door, and let everything happen that follows at once."""
        self.protocol.dataReceived(data)
        self._works.settle()

    def types(self, *lines: str) -> None:
        """Type lines, one after another."""
        self.sends("".join(f"{line}\n" for line in lines).encode())

    def asks(self, **request: object) -> None:
        """Send one line of JSON."""
        self.sends(json.dumps(request).encode() + b"\n")

    def sees(self) -> list[str]:
        """Return the lines on the screen since last time."""
        seen: str = self.transport.value().decode(errors="replace")
        self.transport.clear()
        return seen.splitlines()

    def hears(self) -> list[dict[str, object]]:
        """Return the JSON lines since last time; what the greeting has left on its line is skipped."""
        return [json.loads(line) for line in self.sees() if line]

    def stops_reading(self) -> None:
        """Read nothing from now on."""
        assert self.transport.producer is not None
        self.transport.producer.pauseProducing()

    def reads_again(self) -> None:
        """Read what has come meanwhile, and go on."""
        assert self.transport.producer is not None
        self.transport.producer.resumeProducing()
        self._works.settle()

    def hangs_up(self) -> None:
        """Close the connection, as a peer does."""
        self.protocol.readConnectionLost()
        self._works.settle()
        self.notice_the_end()

    def breaks(self) -> None:
        """Lose the connection."""
        self.transport.disconnecting = True
        self.notice_the_end()

    def notice_the_end(self) -> None:
        """Let the door see that the connection is over, if it is."""
        if self.transport.disconnecting and not self.gone:
            self.gone = True
            self.transport.disconnected = True
            self.protocol.connectionLost()
            self._works.settle()


class Clockwork:
    """A whole daemon without sockets and threads; its store is a real one."""

    def __init__(self, folder: Path, terms: Terms | None = None, *, guests: str = "talk") -> None:
        self.clock = Clock()
        self.folder = folder
        self.broken = False
        prepare(folder / DATABASE, "e9")
        self.log = SqliteLog(
            folder / DATABASE,
            durability="process",
            clock=self.clock,
            workers=OnTheSpot(),
            on_broken=self._break,
            patience=0.1,
        )
        self._ids = 0
        self.chat = self.make_chat(self.log, guests)
        self.gate = Gate(per_address=16, per_minute=60, exempt="loopback,unix")
        self.factory = ChatFactory(
            self.chat,
            terms or Terms("bee"),
            self.gate,
            clock=self.clock,
            now=self.now,
            text=LineDialect(),
        )
        self.chat.doors.append(self.factory)
        self.people: list[Person] = []
        self.chat.start(self.now())
        self.settle()

    def make_chat(self, log: Log, guests: str) -> Chat:
        return Chat(log, AtOnce(), lobby="#lobby", text_most=4000, new_id=self._new_id, guests=guests)

    def now(self) -> int:
        return NOON + int(self.clock.seconds() * 1000)

    def connect(self, host: str = LOOPBACK, *, tls: bool = False) -> Person:
        """Return somebody who has connected and said nothing yet."""
        person = Person(self, host, tls=tls)
        self.people.append(person)
        return person

    def prompted(self, host: str = LOOPBACK, *, tls: bool = False) -> Person:
        """Return somebody who has been asked for a nickname, and whose screen is empty."""
        person = self.connect(host, tls=tls)
        self.wait(1)
        person.sees()
        return person

    def enter(self, nick: str, host: str = LOOPBACK) -> Person:
        """Return a person who has come in as `nick`, and whose screen is empty."""
        person = self.connect(host)
        person.types(nick)
        person.sees()
        return person

    def member(self, nick: str) -> Person:
        """Return a person who has come in as `nick`, has made an account of it, and whose screen is empty."""
        person = self.enter(nick)
        person.types(f"/register {PASSWORD}")
        assert "a member" in person.sees()[-1]
        return person

    def admin(self, nick: str) -> Person:
        """Return such a person who is admin of the server."""
        person = self.member(nick)
        person.types(f"/claim {new_claim(self.folder / DATABASE, self.now())}")
        assert "admin" in person.sees()[-1]
        return person

    def program(self, nick: str, **hello: object) -> Person:
        """Return a program that has said hello as `nick`, and has heard nothing yet."""
        person = self.connect()
        person.asks(op="hello", nick=nick, **hello)
        return person

    def settle(self) -> None:
        """Let everything happen that takes no time."""
        while any(call.getTime() <= self.clock.seconds() for call in self.clock.getDelayedCalls()):
            self.clock.advance(0)

    def wait(self, seconds: float, step: float = 0.05) -> None:
        """Let time go by."""
        until = self.clock.seconds() + seconds
        while self.clock.seconds() < until - 1e-9:
            self.clock.advance(min(step, until - self.clock.seconds()))
            self.settle()

    def stop(self) -> None:
        """Let everybody go, and end."""
        for person in self.people:
            person.breaks()
        self.log.stop()
        self.settle()

    def _break(self) -> None:
        self.broken = True

    def _new_id(self) -> str:
        self._ids += 1
        return f"id{self._ids}"
