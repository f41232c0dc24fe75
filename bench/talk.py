"""People who talk on one of our servers, alone or while somebody else does something."""

import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event
from typing import TypeVar

from bench.generator import Generator, Load, Step, arguments, verify
from bench.runner import DISTURBED
from bench.running import Running, running
from bench.scenarios import WARM
from bench.servers import TEXT, Server, tcpchat
from bench.statistics import middle
from twistedchat.store.files import DATABASE, sync

T = TypeVar("T")


@dataclass(frozen=True)
class Pace:
    """How many talk and listen, how many messages they say a second, all together, and for how many seconds."""

    talkers: int
    senders: int
    a_second: int
    seconds: float


class Talk:
    """Those who talk on one server, for so many seconds at a time; every delivery is checked."""

    def __init__(self, generator: Generator, one: Running, pace: Pace, say: Callable[[str], None]) -> None:
        self._generator = generator
        self._one = one
        self._pace = pace
        self._say = say

    @property
    def port(self) -> int:
        """Where the server listens."""
        return self._one.port

    def alone(self) -> Step:
        """Talk while nobody does anything else."""
        return self._talk((), lambda: None)

    def beside(self, work: Callable[[], T]) -> tuple[Step, list[T]]:
        """Talk while `work` is done again and again, once at least; what it has returned each time."""
        over = Event()
        working: list[Future[list[T]]] = []

        def work_on() -> list[T]:
            done = [work()]
            while not over.is_set():
                done.append(work())
            return done

        with ThreadPoolExecutor(1) as pool:
            try:
                step = self._talk(("hold",), lambda: working.append(pool.submit(work_on)))
            finally:
                over.set()
            return step, working[0].result()

    def _talk(self, first: tuple[str, ...], on_hold: Callable[[], None]) -> Step:
        one, pace = self._one, self._pace
        steps = (*first, f"open:{pace.a_second}:{WARM}", f"open:{pace.a_second}:{pace.seconds}")
        words = arguments(Load(pace.talkers, steps, senders=pace.senders), one.server, one.port, one.pids)
        with one.watched() as others:
            outcome = self._generator.run(words, on_hold=on_hold)
        verify(outcome.end, ordered=True)
        if others[0] > DISTURBED:
            self._say(f"  (others had {others[0]:.0%} of the server's processor: do not trust this one)")
        return outcome.steps[-1]


@dataclass(frozen=True)
class Stage:
    """Where it takes place: what makes the load, the server's processor, a folder, and what says how far it is."""

    generator: Generator
    core: int | None
    folder: Path
    say: Callable[[str], None]

    @contextmanager
    def talk(self, database: Path, pace: Pace) -> Iterator[Talk]:
        """Have a fresh server with a copy of the database for the talk."""
        with (
            TemporaryDirectory(prefix="run-", dir=self.folder) as folder,
            running(on_copy_of(database), Path(folder), self.core) as one,
        ):
            yield Talk(self.generator, one, pace, self.say)


def on_copy_of(database: Path) -> Server:
    """Return our daemon, started on a copy of that database."""
    plain = tcpchat(TEXT, "text", "power")

    def command(folder: Path, port: int) -> list[str]:
        words = plain.command(folder, port)
        copy = Path(shutil.copy(database, folder / "data" / DATABASE))
        sync(copy)  # or the daemon's first commits would wait until all of it is on the disk
        return words

    return replace(plain, command=command)


def timed(median: float | None, p99: float | None, most: float, limit: float) -> list[str]:
    """Return the cells of a row for milliseconds, and whether the p99 is within the limit."""
    median, p99 = median or 0.0, p99 or 0.0
    return [f"{median:.2f}", f"{p99:.2f}", f"{most:.1f}", f"{limit:.0f}", "yes" if p99 <= limit else "NO"]


def talk_rows(talk: dict[str, list[Step]], limit: float) -> list[list[str]]:
    """Return the table of what those have noticed who talked, a row for each way in which they did."""
    rows = [["ms, of a delivery", "median", "p99", "max", "limit", "p99 met", "max met"]]
    for name, steps in talk.items():
        median, p99 = middle([step.p50_ms for step in steps]), middle([step.p99_ms for step in steps])
        most = max(step.max_ms for step in steps)
        rows.append([name, *timed(median, p99, most, limit), "yes" if most <= limit else "NO"])
    return rows
