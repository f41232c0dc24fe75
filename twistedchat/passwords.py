"""Passwords are hashed and compared in threads of their own, and only so many may wait for that."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from twisted.internet.threads import deferToThreadPool
from twisted.python.threadpool import ThreadPool

from twistedchat.chat.errors import SlowDown

if TYPE_CHECKING:
    from collections.abc import Callable

    from twisted.internet.base import ReactorBase
    from twisted.internet.defer import Deferred

T = TypeVar("T")

KIB, ROUNDS, LANES = 19 * 1024, 2, 1
"""What one hash costs: the least that OWASP's Password Storage Cheat Sheet asks of argon2id; 35 ms of one core."""
THREADS = 2
WAITING_MOST = 64
"""So many wait for these threads; they are done with them in about a second."""
NOBODYS = "$argon2id$v=19$m=19456,t=2,p=1$6fv39xDYhSr3Bw15UdXAJg$hki9UOAEEmWGqrfU4+L4GPo6DZnFgxBK6NxZs9Z9Neo"
"""The hash of a password that nobody knows, to compare with where there is no account: that takes as long."""

_hasher = PasswordHasher(time_cost=ROUNDS, memory_cost=KIB, parallelism=LANES)


class Argon2:
    """Keeps passwords as argon2id; `start` it before it is asked, and `stop` it at the end."""

    def __init__(self, reactor: ReactorBase) -> None:
        self._reactor = reactor
        self._pool = ThreadPool(0, THREADS, "tcpchat passwords")
        self._waiting = 0
        self._stopped = False

    def start(self) -> None:
        """Be ready."""
        self._pool.start()

    def stop(self) -> None:
        """End; those who still wait are told to come again."""
        self._stopped = True
        self._pool.stop()

    def hash(self, password: str) -> Deferred[str]:
        """Return what is to be kept of a password; raise `SlowDown` where too many are being asked for."""
        return self._begin(lambda: _hasher.hash(_composed(password)))

    def verify(self, hashed: str, password: str) -> Deferred[bool]:
        """Tell whether that is the password; with "" for the hash it takes as long, and is not.

        Raises `SlowDown` where too many are being asked for.
        """
        return self._begin(lambda: _matches(hashed or NOBODYS, password) and bool(hashed))

    def _begin(self, job: Callable[[], T]) -> Deferred[T]:
        if self._waiting >= WAITING_MOST + THREADS:
            raise SlowDown("Too many are logging in just now. Try again in a moment.")

        def work() -> T:
            if self._stopped:
                raise SlowDown("The server is going down. Come again.")
            return job()

        self._waiting += 1
        done: Deferred[T] = deferToThreadPool(self._reactor, self._pool, work)
        return done.addBoth(self._ended)

    def _ended(self, result: T) -> T:
        self._waiting -= 1
        return result


def _matches(hashed: str, password: str) -> bool:
    try:
        return _hasher.verify(hashed, _composed(password))
    except (VerificationError, InvalidHashError):
        return False


def _composed(password: str) -> bytes:
    """Return the bytes of a password however it was typed: an accent is one with its letter (RFC 8265, 4.2)."""
    return unicodedata.normalize("NFC", password).encode()
