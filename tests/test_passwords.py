"""Passwords in threads of their own, on the real reactor."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from argon2 import extract_parameters
from twisted.internet import reactor  # noqa: TID251 - threads come back into a real one
from twisted.internet.defer import DeferredList, gatherResults
from twisted.python.failure import Failure

from tests.waiting import in_reactor
from twistedchat import passwords
from twistedchat.chat.errors import SlowDown
from twistedchat.passwords import NOBODYS, THREADS, WAITING_MOST, Argon2

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def argon2() -> Iterator[Argon2]:
    keeper = Argon2(reactor)  # type: ignore[arg-type] # it is one
    keeper.start()
    yield keeper
    keeper.stop()


class HashTests:
    """What is kept of a password."""

    @in_reactor
    async def test_only_the_right_one_matches(self, argon2: Argon2) -> None:
        """It cannot be read off what is kept, which is another one each time."""
        first, second = await argon2.hash("hunter22"), await argon2.hash("hunter22")
        assert first != second
        assert "hunter22" not in first
        assert await argon2.verify(first, "hunter22")
        assert not await argon2.verify(first, "hunter23")
        assert not await argon2.verify("no hash at all", "hunter22")

    @in_reactor
    async def test_it_does_not_matter_how_an_accent_is_typed(self, argon2: Argon2) -> None:
        """As one character or as two: which it is depends on the keyboard."""
        hashed = await argon2.hash("caf\N{LATIN SMALL LETTER E WITH ACUTE} noir")
        assert await argon2.verify(hashed, "cafe\N{COMBINING ACUTE ACCENT} noir")

    @in_reactor
    async def test_nobodys_password_costs_as_much(self, argon2: Argon2) -> None:
        """Where there is no account the same work is done, and nothing is right."""
        assert extract_parameters(NOBODYS) == extract_parameters(await argon2.hash("x"))
        assert not await argon2.verify("", "")


class CrowdTests:
    """Many who log in at once."""

    @in_reactor
    async def test_so_many_wait_and_the_others_are_told(
        self, monkeypatch: pytest.MonkeyPatch, argon2: Argon2
    ) -> None:
        """Two threads work beside the reactor; the sixty-fifth who would have to wait is asked to come again."""
        begun, go_on = threading.Semaphore(0), threading.Event()

        def slowly(_hashed: str, _password: str) -> bool:
            begun.release()
            return go_on.wait(30)

        monkeypatch.setattr(passwords, "_matches", slowly)
        waiting = [argon2.verify("x", "y") for _ in range(WAITING_MOST + THREADS)]
        for _ in range(THREADS):
            assert begun.acquire(timeout=30)
        with pytest.raises(SlowDown, match="Too many are logging in"):
            argon2.verify("x", "y")
        assert not begun.acquire(blocking=False)
        go_on.set()
        assert await gatherResults(waiting) == [True] * (WAITING_MOST + THREADS)
        assert await argon2.verify("x", "y")

    @in_reactor
    async def test_who_still_waits_at_the_end_is_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The end does not take as long as all of them would."""
        begun, go_on = threading.Semaphore(0), threading.Event()

        def slowly(_hashed: str, _password: str) -> bool:
            begun.release()
            return go_on.wait(30)

        monkeypatch.setattr(passwords, "_matches", slowly)
        keeper = Argon2(reactor)  # type: ignore[arg-type] # it is one
        keeper.start()
        waiting = [keeper.verify("x", "y") for _ in range(10)]
        for _ in range(THREADS):
            assert begun.acquire(timeout=30)
        end = keeper._pool.stop

        def stop() -> None:
            go_on.set()
            end()

        monkeypatch.setattr(keeper._pool, "stop", stop)
        keeper.stop()
        outcomes = await DeferredList(waiting, consumeErrors=True)
        assert [done for done, _ in outcomes] == [True] * THREADS + [False] * (10 - THREADS)
        assert all(isinstance(told, Failure) and told.check(SlowDown) for _, told in outcomes[THREADS:])
