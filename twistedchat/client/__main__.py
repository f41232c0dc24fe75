"""``tcpchat-client``: finds out who is at this side of the wire, and starts the right client."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from twisted.internet.defer import CancelledError, Deferred

from twistedchat.client import lesson, pipe, tail
from twistedchat.client.arrive import complain, dial
from twistedchat.client.exits import NOT_STORED
from twistedchat.client.options import parse

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from twisted.internet.posixbase import PosixReactorBase
    from twisted.python.failure import Failure

    from twistedchat.client.options import Options

    Client = Callable[[Options, PosixReactorBase], Coroutine[Deferred[object], object, int]]

_SIGNALLED = 128


def main() -> None:
    """Run the client; exits with one of the statuses of `twistedchat.client.exits`."""
    open_closed()
    person = os.isatty(0) and os.isatty(1)
    options = parse(sys.argv[1:], person=person)
    person = person and not options.tail and options.say is None
    if person:
        from twisted.internet import asyncioreactor  # noqa: PLC0415 - only a person's editor needs asyncio

        asyncioreactor.install()
    from twisted.internet import reactor  # noqa: PLC0415, TID251 - an entry point, and the choice is made

    twisted: PosixReactorBase = reactor  # type: ignore[assignment]  # it is one of these on POSIX
    sys.exit(run(_client(options, person=person), options, twisted))


def open_closed() -> None:
    """Open what the shell has closed (``<&-``): or else a connection becomes the standard input."""
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    sys.stdin, sys.stdout, sys.stderr = (
        stream or os.fdopen(descriptor, mode)
        for descriptor, (stream, mode) in enumerate([(sys.stdin, "r"), (sys.stdout, "w"), (sys.stderr, "w")])
    )


def run(client: Client, options: Options, reactor: PosixReactorBase) -> int:
    """Run the reactor until a client is done; a signal ends it with 128 and the signal's number."""
    outcome = [NOT_STORED]
    shutting_down = False

    def start() -> None:
        done = Deferred.fromCoroutine(client(options, reactor))
        reactor.addSystemEventTrigger("before", "shutdown", stop, done)
        done.addCallbacks(outcome.append, _unforeseen)
        done.addCallback(lambda _: None if shutting_down else reactor.stop())

    def stop(done: Deferred[None]) -> Deferred[None]:
        nonlocal shutting_down
        shutting_down = True
        stopped: Deferred[None] = Deferred()
        done.addCallback(stopped.callback)
        done.cancel()
        return stopped

    reactor.callWhenRunning(start)
    reactor.run()
    by_signal = getattr(reactor, "_exitSignal", None)
    return outcome[-1] if by_signal is None else _SIGNALLED + int(by_signal)


def _client(options: Options, *, person: bool) -> Client:
    if options.tail:
        return tail.tail
    if options.tutorial:
        return _lesson_at_terminal if person else lesson.send_lines
    return _at_terminal if person else pipe.send_lines


async def _at_terminal(options: Options, reactor: PosixReactorBase) -> int:
    from twistedchat.client.editor import Editor  # noqa: PLC0415 - a pipe never waits for prompt_toolkit
    from twistedchat.client.terminal import Terminal  # noqa: PLC0415 - nor for what uses it

    terminal = Terminal(options, complain)
    screen = Editor(reactor, terminal.words)
    return await terminal.run(screen, dial(options.trust(), terminal.session, reactor))


async def _lesson_at_terminal(options: Options, reactor: PosixReactorBase) -> int:
    from twistedchat.client.editor import Editor  # noqa: PLC0415 - a pipe never waits for prompt_toolkit

    return await lesson.talk(options, Editor(reactor, lambda _before, _word: ()), reactor)


def _unforeseen(why: Failure) -> None:
    if not why.check(CancelledError):
        why.printTraceback(sys.stderr)


if __name__ == "__main__":
    main()
