"""How long it takes to look through a long past while others talk, and what they notice of it."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from threading import Event

import msgspec

from bench import corpus
from bench.asker import Asked, Asker, Question, Request
from bench.generator import Generator, Load, Step, arguments, verify
from bench.runner import DISTURBED
from bench.running import Running, running
from bench.scenarios import WARM
from bench.servers import TEXT, Server, tcpchat
from bench.statistics import aligned, middle, quantile
from twistedchat.store.files import DATABASE, sync

MESSAGES = 1_000_000
TALKERS, SENDERS, A_SECOND = 20, 10, 200
SECONDS = 10.0
HISTORY_MS, SEARCH_MS = 5.0, 50.0
STALLED_MS = 50.0
"""Whoever talks is not to wait longer for a message because somebody searches (p99)."""
ALONE, ASKED = "nobody asks", "somebody asks all the time"


@dataclass
class Past:
    """What was measured: each answer, and the talk of the others with and without them."""

    messages: int
    asked: list[Asked] = field(default_factory=list)
    talk: dict[str, list[Step]] = field(default_factory=lambda: {ALONE: [], ASKED: []})


def questions(messages: int) -> list[Question]:
    """Return what is asked, in words that are said often, seldom, and in between."""

    def search(name: str, make: Callable[[Random], str]) -> Question:
        return Question(f"search: {name}", SEARCH_MS, lambda random: {"op": "search", "text": make(random)})

    def last(random: Random) -> Request:
        return {"op": "history", "room": corpus.room(random.randrange(10)), "limit": 20}

    def amid(random: Random) -> Request:
        number = random.randrange(5)
        after = int(messages * corpus.share(number) * random.uniform(0.1, 0.8))
        return {"op": "history", "room": corpus.room(number), "after": after, "limit": 200}

    def common(random: Random) -> str:
        return corpus.word(random.randrange(10))

    def middling(random: Random) -> str:
        return corpus.word(random.randrange(300, 1000))

    return [
        Question("history: the last 20", HISTORY_MS, last),
        Question("history: 200 amid", HISTORY_MS, amid),
        search("a rare word", lambda random: corpus.word(random.randrange(20_000, corpus.WORDS))),
        search("a common word", common),
        search("two words", lambda random: f"{middling(random)} {middling(random)}"),
        search("two common words", lambda random: f"{common(random)} {common(random)}"),
        search("from:", lambda random: f"from:{corpus.nick(random.randrange(corpus.PEOPLE))}"),
        search(
            "a word, from:", lambda random: f"{middling(random)} from:{corpus.nick(random.randrange(corpus.PEOPLE))}"
        ),
        search("a word, in:", lambda random: f"{middling(random)} in:{corpus.room(random.randrange(corpus.ROOMS))}"),
        search("a CJK word", lambda random: corpus.han_word(random.randrange(300))),
        search("a beginning, 3 letters", lambda random: f"{middling(random)[:3]}*"),
        search("a beginning, 2 letters", lambda random: f"{middling(random)[:2]}*"),
    ]


def on_copy_of(past: Path) -> Server:
    """Return our daemon, started on a copy of that database."""
    plain = tcpchat(TEXT, "text", "power")

    def command(folder: Path, port: int) -> list[str]:
        words = plain.command(folder, port)
        copy = Path(shutil.copy(past, folder / "data" / DATABASE))
        sync(copy)  # or the daemon's first commits would wait until all of it is on the disk
        return words

    return replace(plain, command=command)


class Talk:
    """Those who talk on one server, for so many seconds at a time; every delivery is checked."""

    def __init__(self, generator: Generator, one: Running, seconds: float, say: Callable[[str], None]) -> None:
        self._generator = generator
        self._one = one
        self._seconds = seconds
        self._say = say

    def alone(self) -> Step:
        """Talk while nobody asks for anything."""
        return self._talk((), lambda: None)

    def asked(self, asker: Asker, asks: Sequence[Question]) -> tuple[Step, list[Asked]]:
        """Talk while one thing after another is asked."""
        over = Event()
        asking: list[Future[list[Asked]]] = []
        with ThreadPoolExecutor(1) as pool:
            try:
                step = self._talk(("hold",), lambda: asking.append(pool.submit(asker.ask_all, asks, over)))
            finally:
                over.set()
            return step, asking[0].result()

    def _talk(self, first: tuple[str, ...], on_hold: Callable[[], None]) -> Step:
        one, steps = self._one, (*first, f"open:{A_SECOND}:{WARM}", f"open:{A_SECOND}:{self._seconds}")
        words = arguments(Load(TALKERS, steps, senders=SENDERS), one.server, one.port, one.pids)
        with one.watched() as others:
            outcome = self._generator.run(words, on_hold=on_hold)
        verify(outcome.end, ordered=True)
        if others[0] > DISTURBED:
            self._say(f"  (others had {others[0]:.0%} of the server's processor: do not trust this one)")
        return outcome.steps[-1]


class Runner:
    """Measures both in turn, each on a fresh server with a copy of the database."""

    def __init__(self, generator: Generator, core: int | None, folder: Path, say: Callable[[str], None]) -> None:
        self._generator = generator
        self._core = core
        self._folder = folder
        self._say = say

    def run(self, database: Path, messages: int, seconds: float, repeats: int) -> Past:
        """Measure for so many seconds each, as often as asked for."""
        past, asks = Past(messages), questions(messages)
        for repeat in range(repeats):
            self._say(f"past, {repeat + 1}: {ALONE}")
            with self._talk(database, seconds) as (talk, _):
                past.talk[ALONE].append(talk.alone())
            self._say(f"past, {repeat + 1}: {ASKED}")
            with self._talk(database, seconds) as (talk, port), Asker(port, "asker") as asker:
                step, asked = talk.asked(asker, asks)
            past.talk[ASKED].append(step)
            past.asked += asked
        return past

    @contextmanager
    def _talk(self, database: Path, seconds: float) -> Iterator[tuple[Talk, int]]:
        """Have a server for the talk, on that port."""
        with (
            TemporaryDirectory(prefix="run-", dir=self._folder) as folder,
            running(on_copy_of(database), Path(folder), self._core) as one,
        ):
            yield Talk(self._generator, one, seconds, self._say), one.port


def tables(past: Past) -> str:
    """Return the answers, a question a row, and below them what the others have noticed."""
    rows = [["ms, of the whole answer", "asked", "found", "refused", "median", "p99", "max", "limit", "p99 met"]]
    for name, all_of_it in _by_question(past).items():
        limit, times = all_of_it[0].question.limit_ms, [each.ms for each in all_of_it]
        found = middle([each.found for each in all_of_it])
        refused = sum(bool(each.refused) for each in all_of_it)
        counts = [str(len(all_of_it)), f"{found or 0:.0f}", str(refused)]
        rows.append([name, *counts, *_times(middle(times), quantile(times, 0.99), max(times), limit)])
    others = [["ms, of a delivery", "median", "p99", "max", "limit", "p99 met"]]
    for name, steps in past.talk.items():
        median, p99 = middle([step.p50_ms for step in steps]), middle([step.p99_ms for step in steps])
        others.append([name, *_times(median, p99, max(step.max_ms for step in steps), STALLED_MS)])
    return (
        f"Asked of {past.messages} messages in {corpus.ROOMS} rooms, while {TALKERS} talk\n\n{aligned(rows)}\n\n"
        f"The {TALKERS}, {A_SECOND} messages a second\n\n{aligned(others)}"
    )


def figures(past: Past) -> dict[str, object]:
    """Return everything that was measured, for programs."""
    return {
        "messages": past.messages,
        "asked_ms": {name: [each.ms for each in asked] for name, asked in _by_question(past).items()},
        "talk": {name: [msgspec.to_builtins(step) for step in steps] for name, steps in past.talk.items()},
    }


def _by_question(past: Past) -> dict[str, list[Asked]]:
    found: dict[str, list[Asked]] = {}
    for each in past.asked:
        found.setdefault(each.question.name, []).append(each)
    return found


def _times(median: float | None, p99: float | None, most: float, limit: float) -> list[str]:
    median, p99 = median or 0.0, p99 or 0.0
    return [f"{median:.2f}", f"{p99:.2f}", f"{most:.1f}", f"{limit:.0f}", "yes" if p99 <= limit else "NO"]
