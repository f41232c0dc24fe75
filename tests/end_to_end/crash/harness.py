"""A run: people and programs talk, the daemon is ended again and again, and the history decides who was right."""

from __future__ import annotations

import signal
import time
from contextlib import closing
from dataclasses import dataclass
from random import Random
from threading import Event as Signal
from typing import TYPE_CHECKING, TypeAlias

from tests.end_to_end.crash.book import Book, Event
from tests.end_to_end.crash.people import Person, Talker
from tests.end_to_end.crash.programs import Guest, Program, Scene, Writer
from tests.end_to_end.crash.verdict import Verdict
from tests.end_to_end.daemon import Daemon
from tests.end_to_end.peers import Program as Cold
from tests.end_to_end.streams import DEADLINE, PAUSE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

ROOMS = ("#lobby", "#ops", "#dev")
WRITERS, READERS, TALKERS, LISTENERS = 4, 3, 2, 2
ACKS_MOST = 300
"""At most so many messages are acknowledged before the next end."""
LATE_SECONDS = 10.0
"""A moment of which nobody knows whether it comes is not waited for any longer; nothing is measured by it."""


Trouble: TypeAlias = "Callable[[Daemon, Book], None]"


@dataclass(frozen=True)
class Plan:
    """How often and how the daemon is ended; `prefix` is what it is started under.

    Where there is other `trouble`, that comes over it in place of an end.
    """

    kills: int
    seed: int
    prefix: Sequence[str] = ()
    hows: Sequence[signal.Signals] = (signal.SIGKILL, signal.SIGTERM)
    look_every: int = 1
    rooms: Sequence[str] = ROOMS
    trouble: Trouble | None = None


class Harness:
    """One run in one folder."""

    def __init__(self, folder: Path, plan: Plan, say: Callable[[str], None] = lambda _: None) -> None:
        self.book = Book()
        self._plan = plan
        self._random = Random(plan.seed)
        self._say = say
        self._daemon = Daemon(folder, prefix=plan.prefix)
        self._folder = folder
        self._over, self._silence = Signal(), Signal()

    def run(self) -> Book:
        """Do all of it, and return what was found."""
        make_rooms(self._folder, self._plan.rooms)
        self._daemon.start()
        guests = self._invite()
        try:
            for guest in guests:
                guest.thread.start()
            for kill in range(self._plan.kills):
                self._wait(guests)
                if self._plan.trouble is None:
                    self._end(kill, guests)
                else:
                    self._plan.trouble(self._daemon, self.book)
            self._finish(guests)
        finally:
            self._over.set()
            self._silence.set()
            self._daemon.destroy()
        self._look_at_log()
        return self.book

    def _invite(self) -> list[Guest]:
        port, random, rooms = self._daemon.port, self._random, self._plan.rooms
        talk = Scene(port, rooms, self.book, self._silence)
        listen = Scene(port, rooms, self.book, self._over)
        return [
            *(Writer(f"writer{n}", talk, Random(random.random())) for n in range(WRITERS)),
            *(Talker(f"talker{n}", talk, Random(random.random()), rooms[n % len(rooms)]) for n in range(TALKERS)),
            *(Program(f"reader{n}", listen, Random(random.random())) for n in range(READERS)),
            *(
                Person(f"listener{n}", listen, Random(random.random()), rooms[n % len(rooms)])
                for n in range(LISTENERS)
            ),
        ]

    # --- the ends ----------------------------------------------------------------------------

    def _end(self, kill: int, guests: Sequence[Guest]) -> None:
        """End the daemon, look at what it has left, and start it again."""
        how = self._plan.hows[kill % len(self._plan.hows)]
        if self._daemon.has_ended:
            self.book.findings.add("died", f"with status {self._daemon.ended()}")
        else:
            if any(guest.in_flight for guest in guests if isinstance(guest, Writer)):
                self.book.count("under load")
            self.book.count("killed" if how is signal.SIGKILL else "asked to end")
            self._stop(how)
        if kill % self._plan.look_every == 0 and not self._daemon.sound():
            self.book.findings.add("damaged", f"after {kill + 1} ends")
        if self._random.random() < 0.1:
            self._die_young()
        self._daemon.start()
        self._say(f"{kill + 1} of {self._plan.kills}: {dict(self.book.traffic)} {self.book.findings.counts}")

    def _wait(self, guests: Sequence[Guest]) -> None:
        """Wait for a moment that nobody knows."""
        acks = self.book.acked + self._random.randint(10, ACKS_MOST)
        late = time.monotonic() + LATE_SECONDS
        while self.book.acked < acks and time.monotonic() < late and not self._daemon.has_ended:
            time.sleep(PAUSE / 4)
        time.sleep(self._random.uniform(0, PAUSE))
        if self._random.random() < 0.8:
            self._wait_for_flight([guest for guest in guests if isinstance(guest, Writer)])
        for guest in guests:
            if guest.error is not None:
                raise guest.error

    def _wait_for_flight(self, writers: Sequence[Writer]) -> None:
        """Wait for a moment in which somebody has said something and was not answered, and for a bit of it."""
        late = time.monotonic() + 1
        while not any(writer.in_flight for writer in writers) and time.monotonic() < late:
            time.sleep(PAUSE / 100)
        time.sleep(self._random.uniform(0, PAUSE / 10))

    def _die_young(self) -> None:
        """Kill a daemon that has only begun to start."""
        self._daemon.launch()
        time.sleep(self._random.uniform(0, 1))
        self.book.count("killed at the start")
        self._stop(signal.SIGKILL)

    def _stop(self, how: signal.Signals) -> None:
        status = self._daemon.stop(how)
        if status != -how:
            self.book.findings.add("died", f"with status {status} at {how.name}")

    # --- the end of all -------------------------------------------------------------------------

    def _finish(self, guests: Sequence[Guest]) -> None:
        """Let the writers have their last answers and the readers hear it all; then let the history speak."""
        self._silence.set()
        for guest in guests:
            if isinstance(guest, Writer | Talker):
                self._join(guest)
        history = self._history()
        self._await_readers({room: len(events) for room, events in history.items()}, guests)
        self._over.set()
        for guest in guests:
            self._join(guest)
        Verdict(self.book, history).find()
        self._stop(signal.SIGTERM)
        if not self._daemon.sound():
            self.book.findings.add("damaged", "in the end")

    def _join(self, guest: Guest) -> None:
        guest.thread.join(2 * DEADLINE)
        if guest.error is not None:
            raise guest.error
        assert not guest.thread.is_alive(), f"{guest.name} does not come to an end"

    def _history(self) -> dict[str, list[Event]]:
        """Return what a cold reader is told of each room."""
        history: dict[str, list[Event]] = {}
        with closing(Cold(self._daemon.port)) as cold:
            cold.hello("coldreader")
            for room in self._plan.rooms:
                witness = self.book.witness("the cold reader", room)
                head = cold.answer("join", room=room, after=0)["head"]
                events = history[room] = []
                while (told := cold.hears(room=room))["ev"] != "live":
                    if told["ev"] == "said":
                        events.append(Event.of(told))
                        witness.sees(told["seq"])
                assert told["seq"] == head
        return history

    def _await_readers(self, heads: dict[str, int], guests: Sequence[Guest]) -> None:
        """Give those who follow the time to hear the last word; whoever does not has missed it."""
        readers = [guest for guest in guests if type(guest) is Program]
        late = time.monotonic() + LATE_SECONDS
        while time.monotonic() < late:
            if all(reader.witnesses[room].cursor >= heads[room] for reader in readers for room in heads):
                return
            time.sleep(PAUSE)

    def _look_at_log(self) -> None:
        for word in ("Traceback", "Unhandled"):
            if times := (self._daemon.out + self._daemon.err).count(word):
                self.book.findings.add("died", f"{word} in the log: {self._daemon.err[-2000:]}", times)


def make_rooms(folder: Path, rooms: Sequence[str]) -> None:
    """Have the rooms there for good: each was a lobby once, and those are never gone."""
    for room in rooms[1:]:
        with closing(Daemon(folder, "--set", f"rooms.lobby={room}")) as daemon:
            daemon.start()
            with closing(Cold(daemon.port)) as somebody:
                somebody.enters(f"founder{room[1:]}", room=room)
            daemon.stop()
