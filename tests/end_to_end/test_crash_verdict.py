"""What the crash harness finds when it holds what was told against the history."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.end_to_end.crash.book import Book, Event, Message
from tests.end_to_end.crash.verdict import Verdict
from tests.end_to_end.daemon import DATABASE, Daemon

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from tests.end_to_end.peers import Json

ROOM, LINE = "#lobby", "ann1"


def said(seq: int, text: str, id_: int = 0, at: str = "noon") -> Json:
    """Return an event as the wire has it; whatever is not given follows from the seq."""
    return {"room": ROOM, "seq": seq, "id": id_ or seq, "at": at, "nick": "ann", "text": text}


class World:
    """Ann has said three things, in one room and on one connection; all were acknowledged, and all is well."""

    def __init__(self) -> None:
        self.book = Book()
        self.book.nicks["ann"] = {"ann"}
        self.texts = ["a.1 one", "a.2 two", "a.3 three"]
        self.history = [said(seq, text) for seq, text in enumerate(self.texts, 1)]
        self.messages = [Message(text[:3], "ann", "ann", ROOM, text, LINE) for text in self.texts]
        for message, event in zip(self.messages, self.history, strict=True):
            self.book.sends(message)
            self.book.acks(message, event)
        self.told = list(self.history)
        self.heard = [1, 2, 3]

    def finds(self) -> dict[str, int]:
        """Tell a reader and a listener, then compare; return what is found, without the zeros."""
        witness, listener = self.book.witness("reader", ROOM), self.book.listener("bob")
        for event in self.told:
            self.book.shows(event, witness)
        for seq in self.heard:
            self.book.hears(listener, "ann", self.texts[seq - 1])
        Verdict(self.book, {ROOM: [Event.of(each) for each in self.history]}).find()
        return {fault: count for fault, count in self.book.findings.counts.items() if count}

    def shows(self, *seqs: int) -> None:
        self.told = [self.history[seq - 1] for seq in seqs]

    def unacked(self) -> None:
        """Have nobody know what became of it."""
        for message in self.messages:
            message.ack = None


def alters(world: World, **fields: object) -> None:
    """Have the history another than what was told."""
    world.history[1] = {**world.history[1], **fields}


def turns_round(world: World) -> None:
    world.unacked()
    world.history = world.told = [said(1, world.texts[1]), said(2, world.texts[0]), said(3, world.texts[2])]
    world.heard = [2, 1, 3]


def forgets_the_last(world: World) -> None:
    world.shows(1, 2)
    world.heard.pop()
    world.history.pop()


def shows_what_is_gone(world: World) -> None:
    world.unacked()
    world.history.pop()


def runs_backwards(world: World) -> None:
    world.unacked()
    alters(world, at="dawn")
    world.told = world.history


def refuses(world: World) -> None:
    world.messages[2].ack, world.messages[2].refused = None, True


def forgets_a_line(world: World) -> None:
    """The second of three lines that a person typed is not there."""
    world.unacked()
    world.history = world.told = [said(1, world.texts[0]), said(2, world.texts[2])]
    world.heard = [1, 3]


CASES: Sequence[tuple[str, Callable[[World], object], dict[str, int]]] = (
    ("honest", lambda _: None, {}),
    ("lost", forgets_the_last, {"lost": 1}),
    ("lost line", forgets_a_line, {"lost": 1}),
    ("phantom", shows_what_is_gone, {"phantom": 2}),
    ("phantom refused", refuses, {"phantom": 1}),
    ("duplicated", lambda world: world.history.append(said(4, world.texts[0])), {"duplicated": 1, "missed": 1}),
    ("altered text", lambda world: alters(world, text="a.2 too"), {"altered": 2}),
    ("altered id", lambda world: alters(world, id=9), {"altered": 2, "disorder": 1, "unfair": 1}),
    ("altered ack", lambda world: world.book.acks(world.messages[0], said(7, "")), {"altered": 1}),
    ("nobody's", lambda world: world.history.append(said(4, "z.1 never sent")), {"altered": 1, "missed": 1}),
    ("backwards", runs_backwards, {"disorder": 1}),
    ("repeated", lambda world: world.shows(1, 2, 2, 3), {"repeated": 1}),
    ("repeated to a person", lambda world: world.heard.insert(1, 1), {"repeated": 1}),
    ("missed", lambda world: world.shows(1, 3), {"missed": 1}),
    ("missed in the end", lambda world: world.shows(1, 2), {"missed": 1}),
    ("missed by a person", lambda world: world.heard.pop(1), {"missed": 1}),
    ("disorder", lambda world: world.shows(1, 3, 2), {"disorder": 1}),
    ("disorder to a person", lambda world: world.heard.reverse(), {"repeated": 2}),
    ("unfair", turns_round, {"unfair": 1}),
)


class VerdictTests:
    """Each fault is found, and none where there is none."""

    @pytest.mark.parametrize(("does", "found"), [pytest.param(does, found, id=name) for name, does, found in CASES])
    def test_what_is_found(self, does: Callable[[World], object], found: dict[str, int]) -> None:
        """In the history, in acknowledgements, and in what was shown."""
        world = World()
        does(world)
        assert world.finds() == found

    def test_a_line_that_was_refused_is_not_lost(self) -> None:
        """A person who was told of a refusal knows that something is not there, though not which."""
        world = World()
        forgets_a_line(world)
        world.book.refusals[LINE] = 1
        assert world.finds() == {}

    def test_no_traffic(self) -> None:
        """A run in which nothing happened lacks everything."""
        assert set(Book().lacks) >= {"acked", "acked late", "shown", "under load"}


class DamageTests:
    """The check of a copy."""

    def test_damage(self, tmp_path: Path) -> None:
        """A page that is not what it was is found."""
        daemon = Daemon(tmp_path)
        with closing(sqlite3.connect(daemon.database)) as db:
            db.executescript("CREATE TABLE t (a); INSERT INTO t VALUES (zeroblob(20000))")
        assert daemon.sound()
        file = daemon.data / DATABASE
        data = bytearray(file.read_bytes())
        data[4096:4196] = b"\xff" * 100
        file.write_bytes(data)
        assert not daemon.sound()
