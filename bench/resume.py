"""How long it takes to hear everything that one has missed, and what those notice of it who talk meanwhile."""

import socket
import time
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import msgspec

from bench.errors import BenchError
from bench.generator import Step
from bench.statistics import aligned, middle
from bench.talk import Pace, Stage, talk_rows
from twistedchat.chat.acts import Opened
from twistedchat.chat.events import Entry, Event, Proposal, Said
from twistedchat.store.files import connect, prepare
from twistedchat.store.writer import Writer

MISSED = 100_000
SEEN = 50
"""What the reader has heard before, and wants no more."""
SECONDS = 10.0
RESUMED_S, STALLED_MS = 3.0, 50.0
TALKERS, A_SECOND = 2, 20
"""Each of the two says something every 100 ms, in the same room."""
ALONE, RESUMED = "nobody resumes", "somebody resumes all the time"

ROOM, NICK = "#lobby", "Writer"
WAITS = 20.0
CHUNK = 1 << 18
TOGETHER = 1000


@dataclass
class Resumes:
    """What was measured: how long each resume took, in seconds, and the talk of the others with and without them."""

    missed: int
    seconds: list[float] = field(default_factory=list)
    talk: dict[str, list[Step]] = field(default_factory=lambda: {ALONE: [], RESUMED: []})


class Line(msgspec.Struct):
    """What matters of what a reader is told."""

    ev: str
    seq: int = 0
    nick: str = ""
    text: str = ""


def text_of(seq: int) -> str:
    """Return the text of the message with that `seq`: 64 characters, others in each."""
    return f"{seq:09} {seq * 2654435761:020} was said meanwhile, in this room."


def past_with(folder: Path, missed: int) -> Path:
    """Return a new database in which so many messages were said in the lobby after the first ones."""
    path = folder / "missed.db"
    prepare(path, "bench")
    now = time.time_ns() // 1_000_000

    def proposal(event: Event) -> Proposal:
        return Proposal(event, "lobby", "guest", now)

    with closing(connect(path, "process", 5)) as db:
        writer = Writer(db)
        made: list[Event] = [Opened("", ROOM)]
        said: list[Event] = [Said(NICK, text_of(seq)) for seq in range(1, SEEN + missed + 1)]
        for batch in (made, *(said[begin : begin + TOGETHER] for begin in range(0, len(said), TOGETHER))):
            for outcome in writer.commit([proposal(event) for event in batch]):
                if not isinstance(outcome, Entry):
                    raise BenchError(f"the past cannot be stored: {outcome}")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


def resume(port: int, missed: int) -> float:
    """Resume as a new guest, and return after how many seconds the room was live.

    All that has come must be every message that was missed and every later one, once, whole and in order.
    """
    with socket.create_connection(("127.0.0.1", port), WAITS) as connection:
        nick = f"reader{connection.getsockname()[1]}"
        connection.sendall(b'{"op":"hello","v":1,"nick":"%s"}\n' % nick.encode())
        welcome = _take(connection, b'{"ev":')
        if not welcome.startswith(b'{"ev":"hello"'):
            raise BenchError(f"no welcome: {welcome!r}")
        begin = time.perf_counter()
        connection.sendall(b'{"op":"join","room":"%s","after":%d}\n' % (ROOM.encode(), SEEN))
        told = _take(connection, b'{"ev":"live"')
        seconds = time.perf_counter() - begin
    check(told, missed)
    return seconds


def _take(connection: socket.socket, mark: bytes) -> bytes:
    """Return all that comes until the line is whole that begins with the mark."""
    told = bytearray()
    found = -1
    while found < 0 or told.find(b"\n", found) < 0:
        looked = max(0, len(told) - len(mark))
        more = connection.recv(CHUNK)
        if not more:
            raise BenchError(f"it closed instead of telling what was missed: {bytes(told[-300:])!r}")
        told += more
        found = found if found >= 0 else told.find(mark, looked)
    return bytes(told)


def check(told: bytes, missed: int) -> None:
    """Raise if that is not every missed message and every later one up to the live line, once, whole and in order."""
    head, decode = SEEN, msgspec.json.Decoder(Line).decode
    for line in map(decode, told.splitlines()):
        if line.ev == "live":
            if not SEEN + missed <= head == line.seq:
                raise BenchError(f"live from {line.seq} on, after {head} of {SEEN + missed}")
            return
        if line.ev == "error":
            raise BenchError(line.text)
        if line.ev != "said":
            continue
        if line.seq != head + 1:
            raise BenchError(f"message {line.seq} came after {head}")
        head = line.seq
        if head <= SEEN + missed and (line.nick, line.text) != (NICK, text_of(head)):
            raise BenchError(f"message {head} is damaged: {line.text}")
    raise BenchError("it never became live")


def run(stage: Stage, missed: int, seconds: float, repeats: int) -> Resumes:
    """Measure both in turn for so many seconds each, as often as asked for, each on a copy of the database."""
    resumes, database = Resumes(missed), past_with(stage.folder, missed)
    pace = Pace(TALKERS, TALKERS, A_SECOND, seconds)
    for repeat in range(repeats):
        stage.say(f"resume, {repeat + 1}: {ALONE}")
        with stage.talk(database, pace) as talk:
            resumes.talk[ALONE].append(talk.alone())
        stage.say(f"resume, {repeat + 1}: {RESUMED}")
        with stage.talk(database, pace) as talk:
            step, took = talk.beside(partial(resume, talk.port, missed))
        resumes.talk[RESUMED].append(step)
        resumes.seconds += took
    return resumes


def tables(resumes: Resumes) -> str:
    """Return how long the resumes took, and below that what the others have noticed."""
    median, most = middle(resumes.seconds) or 0.0, max(resumes.seconds)
    rows = [["s, until it is live", "resumes", "median", "max", "limit", "met"]]
    met = "yes" if most < RESUMED_S else "NO"
    figures = [str(len(resumes.seconds)), f"{median:.2f}", f"{most:.2f}", f"{RESUMED_S:.0f}", met]
    rows.append([f"{resumes.missed} messages", *figures])
    return (
        f"What one program has missed, while {TALKERS} talk in the same room\n\n{aligned(rows)}\n\n"
        f"The {TALKERS}, {A_SECOND} messages a second\n\n{aligned(talk_rows(resumes.talk, STALLED_MS))}"
    )


def figures(resumes: Resumes) -> dict[str, object]:
    """Return everything that was measured, for programs."""
    return {
        "missed": resumes.missed,
        "seconds": resumes.seconds,
        "talk": {name: [msgspec.to_builtins(step) for step in steps] for name, steps in resumes.talk.items()},
    }
