"""When the upkeep of the database is done: while nothing waits for a commit, or else seldom."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct
from twisted.internet.defer import Deferred
from twisted.logger import Logger

from twistedchat.chat.errors import NotStored

if TYPE_CHECKING:
    from collections.abc import Callable

    from twisted.internet.interfaces import IDelayedCall, IReactorTime

    from twistedchat.store.upkeep import Upkeep
    from twistedchat.store.workers import Workers

IDLE_SECONDS = 0.1
"""How long after a commit a step is tried; where it finds no idle moment then, it is taken as long after that."""
PAUSE_SECONDS = 0.005
"""How long the writer has for others between two steps."""


class _Forgetting(Struct):
    """What is to be forgotten, how far it is, and who waits for that."""

    stream: str
    before: int
    done: Deferred[int]
    last: int = 0


Told: TypeAlias = int | bool | sqlite3.Error


class Chores:
    """Hands the steps of the upkeep to the writer, one at a time; `is_busy` tells whether a commit is going on."""

    _logger = Logger("tcpchat.log")

    def __init__(self, upkeep: Upkeep, clock: IReactorTime, workers: Workers, is_busy: Callable[[], bool]) -> None:
        self._upkeep = upkeep
        self._clock = clock
        self._workers = workers
        self._is_busy = is_busy
        self._call: IDelayedCall | None = None
        self._at_work = self._put_off = self._stopped = self._faulty = False
        self._forgetting: list[_Forgetting] = []

    def wake(self) -> None:
        """Have what there is to do done when it suits."""
        if self._call is None and not self._at_work and self._has_work():
            self._later(IDLE_SECONDS)

    def forget(self, stream: str, before: int) -> Deferred[int]:
        """Have everything forgotten that was said in that stream before that time; give the last `seq` that is."""
        forgetting = _Forgetting(stream, before, Deferred())
        self._forgetting.append(forgetting)
        if self._stopped:
            self.stop()
        else:
            self.wake()
        return forgetting.done

    def stop(self) -> None:
        """Do no more; whoever waits is told how far it went."""
        self._stopped = True
        if self._call is not None:
            self._call.cancel()
            self._call = None
        forgetting, self._forgetting = self._forgetting, []
        for each in forgetting:
            each.done.callback(each.last)

    def _later(self, seconds: float) -> None:
        if not self._stopped:
            self._call = self._clock.callLater(seconds, self._work)

    def _work(self) -> None:
        self._call = None
        if not self._is_busy():
            self._put_off = False
        elif not self._put_off:
            self._put_off = True
            self._later(IDLE_SECONDS)
            return
        self._at_work = True
        if self._forgetting:
            each = self._forgetting[0]
            self._workers.write(
                lambda: self._step(lambda: self._upkeep.forget(each.stream, each.before)),
                lambda told: self._forgotten(each, told),
            )
        else:
            self._workers.write(lambda: self._step(self._upkeep.index), self._indexed)

    def _step(self, step: Callable[[], int]) -> Told:
        """Do a step in the writer's thread; what SQLite cannot do now is tried again when there is more to do."""
        try:
            return 0 if self._stopped else step()
        except sqlite3.Error as error:
            return error
        except Exception as error:  # noqa: BLE001 - the thread must answer
            self._faulty = True
            self._logger.failure("the upkeep failed")
            return sqlite3.InternalError(str(error))

    def _indexed(self, told: Told) -> None:
        self._at_work = False
        if told is True or self._forgetting:
            self._next()

    def _forgotten(self, each: _Forgetting, told: Told) -> None:
        self._at_work = False
        if each not in self._forgetting:
            return
        if isinstance(told, sqlite3.Error):
            self._forgetting.remove(each)
            each.done.errback(NotStored(f"not forgotten: {told}"))
        elif told:
            each.last = told
        else:
            self._forgetting.remove(each)
            each.done.callback(each.last)
        self._next()

    def _next(self) -> None:
        if self._call is None and self._has_work():
            self._later(IDLE_SECONDS if self._is_busy() else PAUSE_SECONDS)

    def _has_work(self) -> bool:
        """Tell whether there is anything to do; after a fault of ours the index waits for the next start."""
        return bool(self._forgetting or (self._upkeep.behind and not self._faulty))
