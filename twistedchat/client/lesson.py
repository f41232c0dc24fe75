"""Talking to the tutorial's own server, from a terminal or through a pipe."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twisted.internet.defer import Deferred, DeferredList
from twisted.internet.stdio import StandardIO
from twisted.internet.task import deferLater

from twistedchat.client.arrive import complain, some_guest
from twistedchat.client.exits import DONE, NOT_STORED, FatalError, InterruptError, not_private
from twistedchat.client.options import Options, default_nick
from twistedchat.client.screen import NO_TLS, connected_to
from twistedchat.client.stdio import Lines, blocking_kept
from twistedchat.client.tutorial import TutorialProtocol, connect
from twistedchat.client.ways import Way

if TYPE_CHECKING:
    from twisted.internet.posixbase import PosixReactorBase

    from twistedchat.client.screen import Screen

_QUEUED = 64
_LINGER_SECONDS = 1.0
"""How long to listen for answers after the last piped line."""


async def talk(options: Options, screen: Screen, reactor: PosixReactorBase) -> int:
    """Talk from a terminal until the person or the server ends it; return the exit status.

    The name is asked for first: the tutorial's server serves nobody else while it
    waits for one.
    """
    own = default_nick()
    try:
        nick = options.nick
        while not nick:
            nick = await screen.ask(f"Nickname [{own}]: " if own else "Nickname: ", own)
        server = await connect(options.place, lambda line: screen.show([[("", line)]]), reactor)
        screen.show([[("", connected_to(options.place, Way(near=server.private)))]])
        if not (server.private or options.insecure) and (await screen.ask(NO_TLS)).lower() not in {"y", "yes"}:
            server.transport.loseConnection()
            return DONE
        await server.asked
        server.enter(nick)
        return await _converse(server, screen)
    except (EOFError, InterruptError):
        return DONE
    except FatalError as why:
        screen.flush()
        complain(why.words)
        return why.status


async def _converse(server: TutorialProtocol, screen: Screen) -> int:
    reading: list[Deferred[str]] = []

    def stop_reading(_: None) -> None:
        for line in reading:
            line.cancel()

    server.closed.addCallback(stop_reading)
    while not server.closed.called:
        reading[:] = [screen.ask("")]
        try:
            line = (await reading[0]).rstrip()
        except (EOFError, InterruptError):
            break
        if line:
            server.say(line)
    screen.flush()
    if server.closed.called:
        complain("The server closed the connection.")
        return NOT_STORED
    server.transport.loseConnection()
    return DONE


async def send_lines(options: Options, reactor: PosixReactorBase) -> int:
    """Say each line of standard input, print what arrives; return the exit status.

    This server acknowledges nothing: 0 means that all lines were written.
    """
    lesson = _PipedLesson()
    try:
        server = await connect(options.place, lesson.show, reactor)
        if not (server.private or options.insecure):
            server.transport.loseConnection()
            raise not_private(options.place)
        await server.asked
    except FatalError as why:
        complain(why.words)
        return why.status
    server.enter(options.nick or default_nick() or some_guest())
    lesson.server = server
    server.on_written = lesson.written
    with blocking_kept(0, 1):
        StandardIO(lesson.lines, reactor=reactor)
        await DeferredList([lesson.finished, server.closed], fireOnOneCallback=True)
        if lesson.finished.called:
            await deferLater(reactor, _LINGER_SECONDS)
        server.transport.loseConnection()
        if lesson.lines.transport is not None:
            lesson.lines.transport.loseConnection()
            await lesson.lines.closed
    if lesson.finished.called:
        return DONE
    complain("The server closed the connection: not everything was sent.")
    return NOT_STORED


class _PipedLesson:
    """Standard input on its way to the tutorial's server."""

    def __init__(self) -> None:
        self.finished: Deferred[None] = Deferred()
        self.lines = Lines(self._take, self._at_end)
        self.server: TutorialProtocol
        self._no_more = False

    def show(self, line: str) -> None:
        """Print what arrived."""
        if self.lines.transport is not None:
            self.lines.transport.write(line.encode() + b"\n")

    def written(self) -> None:
        """Take more, or be finished."""
        self.lines.release("window")
        if self._no_more and not self.server.unwritten and not self.finished.called:
            self.finished.callback(None)

    def _take(self, number: int, line: bytes) -> None:
        del number
        text = line.decode("utf-8", "replace")
        if text.strip():
            self.server.say(text)
        if self.server.unwritten >= _QUEUED:
            self.lines.hold("window")

    def _at_end(self) -> None:
        self._no_more = True
        if self.server.idle:
            self.written()
