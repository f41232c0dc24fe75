"""A long past to look through: words as people use them, and a database that is full of them."""

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import cache
from itertools import accumulate, islice
from pathlib import Path
from random import Random

from bench.errors import BenchError
from twistedchat.chat.acts import Opened
from twistedchat.chat.events import Entry, Proposal, Said
from twistedchat.store.files import connect, prepare, scripts
from twistedchat.store.upkeep import Upkeep
from twistedchat.store.writer import Writer

ROOMS, PEOPLE = 50, 500
WORDS, LENGTH = 30_000, 12
"""How many words there are, and in one message; the n-th is said an n-th as often as the first."""
HAN_WORDS, HAN_LENGTH, HAN_EVERY = 3000, 6, 100
"""And those of two Han characters, without spaces between them, in one of so many messages."""
APART_MS = 30_000
"""Between two messages; a million are not quite a year."""
TOGETHER = 1000

_SYLLABLES = [consonant + vowel for consonant in "bcdfghjklmnprstvwyxz" for vowel in "aeiou"]
_SCATTER = 33_331  # what is said often begins like anything else


def word(rank: int) -> str:
    """Return the word that is said so often, from 0 on: six letters."""
    number = rank * _SCATTER % len(_SYLLABLES) ** 3
    high, low = divmod(number, len(_SYLLABLES))
    return "".join(_SYLLABLES[each] for each in (*divmod(high, len(_SYLLABLES)), low))


def han_word(rank: int) -> str:
    """Return the word of two Han characters that is said so often."""
    first, second = divmod(rank * 7 % HAN_WORDS, 60)
    return chr(0x4E00 + first * 11) + chr(0x6000 + second * 13)


def nick(number: int) -> str:
    """Return one of the nicknames."""
    return f"Nick{number}"


def room(number: int) -> str:
    """Return the name of a room; much is said in the first ones, and little in the last."""
    return f"#room{number}"


def stream(number: int) -> str:
    """Return the id of that room."""
    return f"bench{number}"


def share(number: int) -> float:
    """Return which part of everything was said in that room, but for the last one."""
    return 0.82**number * 0.18


@cache
def _weights(count: int) -> list[float]:
    return list(accumulate(1 / (rank + 1) for rank in range(count)))


@cache
def _words(count: int, make: Callable[[int], str]) -> list[str]:
    return [make(rank) for rank in range(count)]


def _text(random: Random, number: int) -> str:
    if number % HAN_EVERY == 0:
        return "".join(random.choices(_words(HAN_WORDS, han_word), cum_weights=_weights(HAN_WORDS), k=HAN_LENGTH))
    return " ".join(random.choices(_words(WORDS, word), cum_weights=_weights(WORDS), k=LENGTH))


def proposals(messages: int, end: int) -> Iterator[Proposal]:
    """Yield that many messages, the same each time but for when they were said: the last at `end` (ms)."""
    random = Random(1)
    streams = [stream(number) for number in range(ROOMS)]
    shares = list(accumulate(map(share, range(ROOMS))))
    begin = end - messages * APART_MS
    for number in range(messages):
        who = random.randrange(PEOPLE)
        (where,) = random.choices(streams, cum_weights=shares)
        yield Proposal(Said(nick(who), _text(random, number)), where, f"guest{who}", begin + number * APART_MS)


def past_in(folder: Path, messages: int, say: Callable[[str], None]) -> Path:
    """Return a database with so many messages, all of them in the index: the one that is there, or it is built."""
    path = folder / f"past-{messages}-{len(scripts())}.db"
    if path.exists():
        say(f"the past is there: {path}")
        return path
    part = path.with_suffix(".part")
    for each in folder.glob(f"{part.name}*"):
        each.unlink()
    prepare(part, "bench")
    begin = time.monotonic()
    with closing(connect(part, "process", 5)) as db:
        writer = Writer(db)
        _store(writer, messages)
        stored = time.monotonic()
        upkeep = Upkeep(db, writer.behind)
        while upkeep.index():
            pass
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    end = time.monotonic()
    part.rename(path)
    size = path.stat().st_size / 1e6
    say(f"the past is built: {stored - begin:.0f} s to store, {end - stored:.0f} s to index, {size:.0f} MB")
    return path


def _store(writer: Writer, messages: int) -> None:
    now = time.time_ns() // 1_000_000
    made = [Proposal(Opened("", room(number)), stream(number), "", now) for number in range(ROOMS)]
    said = proposals(messages, now)
    batch = made
    while batch:
        for outcome in writer.commit(batch):
            if not isinstance(outcome, Entry):
                raise BenchError(f"the past cannot be stored: {outcome}")
        batch = list(islice(said, TOGETHER))
