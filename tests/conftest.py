"""What every test stands on: nothing logged as an error and nothing left in the reactor goes unnoticed."""

from __future__ import annotations

import gc
import signal
from typing import TYPE_CHECKING

import pytest
from twisted.internet import reactor  # noqa: TID251 - the tests' own entry point
from twisted.internet.base import ReactorBase
from twisted.logger import ILogObserver, LogLevel, globalLogPublisher
from zope.interface import implementer

from tests.helpers import Clockwork

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from twisted.logger import LogEvent


def pytest_configure() -> None:
    """Let what tests start be interrupted: a shell has its background jobs ignore that, and they pass it on."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_finish() -> None:
    """Take what has been imported out of the collections that follow each test."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _safety_net(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that logs an error, leaves a Deferred's failure unseen, or leaves a call in the reactor.

    A test that provokes an error says so with the fixture `logged_errors`.
    """
    assert isinstance(reactor, ReactorBase)
    before = set(reactor.getDelayedCalls())
    errors: list[LogEvent] = []

    @implementer(ILogObserver)
    def note(event: LogEvent) -> None:
        if event.get("log_level", LogLevel.info) >= LogLevel.error:
            errors.append(event)

    globalLogPublisher.addObserver(note)
    request.node.stash[_ERRORS] = errors
    yield
    gc.collect()
    globalLogPublisher.removeObserver(note)
    assert not errors, f"logged: {errors}"
    left = [call for call in set(reactor.getDelayedCalls()) - before if call.active()]
    assert not left, f"left in the reactor: {left}"


_ERRORS = pytest.StashKey[list["LogEvent"]]()


@pytest.fixture
def logged_errors(request: pytest.FixtureRequest) -> Iterator[list[LogEvent]]:
    """Give the errors that were logged; a test that takes them must have expected some."""
    errors = request.node.stash[_ERRORS]
    yield errors
    assert errors, "no error was logged after all"
    errors.clear()


@pytest.fixture
def clockwork(tmp_path: Path) -> Iterator[Clockwork]:
    """Give a whole daemon without sockets and threads, on a clock that stands still."""
    works = Clockwork(tmp_path)
    yield works
    works.stop()
