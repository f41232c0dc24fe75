"""How long it takes to look through a long past while others talk, and what they notice of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from pathlib import Path
from random import Random

import msgspec

from bench import corpus
from bench.asker import Asked, Asker, Question, Request
from bench.generator import Step
from bench.statistics import aligned, middle, quantile
from bench.talk import Pace, Stage, talk_rows, timed

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


def run(stage: Stage, database: Path, messages: int, seconds: float, repeats: int) -> Past:
    """Measure both in turn for so many seconds each, as often as asked for, each on a copy of the database."""
    past, asks, pace = Past(messages), questions(messages), Pace(TALKERS, SENDERS, A_SECOND, seconds)
    for repeat in range(repeats):
        stage.say(f"past, {repeat + 1}: {ALONE}")
        with stage.talk(database, pace) as talk:
            past.talk[ALONE].append(talk.alone())
        stage.say(f"past, {repeat + 1}: {ASKED}")
        with stage.talk(database, pace) as talk, Asker(talk.port, "asker") as asker:
            step, asked = talk.beside(partial(asker.ask_all, asks))
        past.talk[ASKED].append(step)
        past.asked += chain.from_iterable(asked)
    return past


def tables(past: Past) -> str:
    """Return the answers, a question a row, and below them what the others have noticed."""
    rows = [["ms, of the whole answer", "asked", "found", "refused", "median", "p99", "max", "limit", "p99 met"]]
    for name, all_of_it in _by_question(past).items():
        limit, times = all_of_it[0].question.limit_ms, [each.ms for each in all_of_it]
        found = middle([each.found for each in all_of_it])
        refused = sum(bool(each.refused) for each in all_of_it)
        counts = [str(len(all_of_it)), f"{found or 0:.0f}", str(refused)]
        rows.append([name, *counts, *timed(middle(times), quantile(times, 0.99), max(times), limit)])
    return (
        f"Asked of {past.messages} messages in {corpus.ROOMS} rooms, while {TALKERS} talk\n\n{aligned(rows)}\n\n"
        f"The {TALKERS}, {A_SECOND} messages a second\n\n{aligned(talk_rows(past.talk, STALLED_MS))}"
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
