"""What is done to the database when nothing else is."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.helpers import NOON
from tests.store.helpers import ByHand, Shelf, SqliteEngine, opened, said, text_of, value_of
from twistedchat.chat.errors import NotStored
from twistedchat.chat.events import Direct, Edited, Entry, Proposal
from twistedchat.store.chores import IDLE_SECONDS
from twistedchat.store.files import DATABASE, connect, prepare
from twistedchat.store.upkeep import CHARACTERS_TOGETHER, FORGOTTEN_TOGETHER, INDEXED_TOGETHER, Upkeep
from twistedchat.store.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from twisted.logger import LogEvent


@pytest.fixture
def hands() -> ByHand:
    """Give workers that wait to be told."""
    return ByHand()


@pytest.fixture
def slow(tmp_path: Path, hands: ByHand) -> Iterator[Shelf]:
    """Give a started log whose writer works only when the test says so."""
    slow = Shelf(SqliteEngine(tmp_path, hands))
    yield slow
    slow.log.stop()
    while hands.writes:
        hands.finish()


class Desk:
    """A database, its writer and its upkeep."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self.db = db
        self.writer = Writer(db)
        self.upkeep = Upkeep(db, self.writer.behind)

    def value(self, query: str) -> object:
        return self.db.execute(query).fetchone()[0]

    def tidy(self) -> int:
        steps = 0
        while self.upkeep.index():
            steps += 1
        return steps


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Give a desk with a new database."""
    prepare(tmp_path / DATABASE, "e1")
    with closing(connect(tmp_path / DATABASE, "power", 0.01)) as db:
        yield Desk(db)


class IndexTests:
    """The index is made in steps."""

    def test_all_comes_into_it(self, desk: Desk) -> None:
        """From many streams, a few rows at a time; afterwards nothing is left to do."""
        desk.writer.commit([said(f"word {n}", stream=f"r{n % 7}") for n in range(1000)])
        steps = desk.tidy()
        assert desk.value("SELECT count(*) FROM found") == 1000
        assert desk.value("SELECT count(*) FROM words WHERE words MATCH 'word'") == 1000
        assert desk.value("SELECT count(*) FROM stream WHERE indexed <> head") == 0
        assert steps >= 1000 // INDEXED_TOGETHER
        assert not desk.writer.behind
        assert not desk.upkeep.index()

    def test_a_step_has_so_much_text_at_most(self, desk: Desk) -> None:
        """Long messages are put there a few at a time; one is always taken, however long."""
        desk.writer.commit([said("x" * CHARACTERS_TOGETHER) for _ in range(3)])
        desk.upkeep.index()
        counts = set()
        while desk.upkeep.index():
            counts.add(desk.value("SELECT count(*) FROM found"))
        assert counts == {1, 2, 3}

    def test_what_was_said_meanwhile_is_not_forgotten(self, desk: Desk) -> None:
        """Between two steps there may be commits."""
        desk.writer.commit([said("word") for _ in range(INDEXED_TOGETHER)])
        desk.upkeep.index()
        desk.upkeep.index()
        desk.writer.commit([said("word"), said("word", stream="r2")])
        desk.tidy()
        assert desk.value("SELECT count(*) FROM found") == INDEXED_TOGETHER + 2

    def test_the_next_start_goes_on(self, desk: Desk) -> None:
        """Where it was left is in the database."""
        desk.writer.commit([said("word") for _ in range(2 * INDEXED_TOGETHER)])
        desk.upkeep.index()
        desk.upkeep.index()
        again = Desk(desk.db)
        assert again.writer.behind
        again.tidy()
        assert desk.value("SELECT count(*) FROM words WHERE words MATCH 'word'") == 2 * INDEXED_TOGETHER

    def test_a_step_that_fails_is_taken_again(self, desk: Desk) -> None:
        """What it did is undone, and commits are as durable as before."""
        desk.writer.commit([said("word")])
        desk.upkeep.index()
        desk.db.execute("PRAGMA query_only = 1")
        with pytest.raises(sqlite3.OperationalError):
            desk.upkeep.index()
        desk.db.execute("PRAGMA query_only = 0")
        assert (desk.db.in_transaction, desk.value("PRAGMA synchronous")) == (False, 2)
        desk.tidy()
        assert (desk.value("SELECT count(*) FROM found"), desk.value("PRAGMA synchronous")) == (1, 2)

    def test_it_stays_sound(self, desk: Desk) -> None:
        """Whatever is put in, edited and forgotten, the index is whole."""
        for n in range(40):
            batch = [said(f"word {n} {m}", stream=f"r{m % 3}", at=n) for m in range(30)]
            edits = [Proposal(Edited("ann", n + 1, f"other {n}"), "r1", "g1", n)]
            desk.writer.commit([*batch, *edits])
            desk.upkeep.index()
            desk.upkeep.forget("r1", n - 10)
        desk.tidy()
        assert desk.value("PRAGMA integrity_check") == "ok"
        assert desk.value("SELECT count(*) FROM words WHERE words MATCH 'word OR other'") == desk.value(
            "SELECT count(*) FROM found"
        )


class RhythmTests:
    """Nobody waits for it."""

    def test_it_begins_when_it_has_been_quiet(self, slow: Shelf, hands: ByHand) -> None:
        """Some time after a commit, and one step at a time."""
        slow.log.append(said())
        slow.clock.turn()
        hands.finish()
        slow.clock.settle()
        assert not hands.writes
        slow.clock.advance(IDLE_SECONDS)
        assert len(hands.writes) == 1
        slow.clock.advance(60)
        assert len(hands.writes) == 1

    def test_a_commit_comes_first(self, slow: Shelf, hands: ByHand) -> None:
        """While one is in flight nothing is handed over beside it, but not for ever."""
        slow.log.append(said("one"))
        slow.clock.turn()
        hands.finish()
        slow.clock.settle()
        slow.log.append(said("two"))
        slow.clock.settle()
        slow.clock.advance(IDLE_SECONDS)
        assert len(hands.writes) == 1
        slow.clock.advance(IDLE_SECONDS)
        assert len(hands.writes) == 2
        while hands.writes:
            hands.writes.pop(0)()

    def test_it_comes_to_rest(self, slow: Shelf, hands: ByHand) -> None:
        """When all is in the index it asks for no more turns."""
        slow.log.append(said())
        slow.clock.turn()
        for _ in range(9):
            while hands.writes:
                hands.finish()
            slow.clock.advance(1)
        assert (hands.writes, slow.clock.getDelayedCalls()) == ([], [])

    def test_the_end_waits_for_nothing(self, slow: Shelf, hands: ByHand) -> None:
        """What is not in the index is put there after the next start."""
        slow.log.append(said("word"))
        slow.clock.turn()
        hands.finish()
        slow.clock.advance(IDLE_SECONDS)
        slow.log.stop()
        hands.finish()
        assert slow.clock.getDelayedCalls() == []
        slow.open(NOON)
        assert slow.found("word") == ["word"]

    def test_a_fault_of_ours_stops_nothing(self, shelf: Shelf, logged_errors: list[LogEvent]) -> None:
        """What nobody foresaw there is logged, and messages are stored as before."""
        shelf.log._chores._upkeep.behind = {99: None}  # type: ignore[attr-defined]
        shelf.store(said("one"))
        shelf.tidy()
        (entry,) = shelf.store(said("two"))
        assert (entry.seq, shelf.found("two")) == (2, ["two"])
        assert logged_errors


class ForgetTests:
    """What is old enough is forgotten."""

    @pytest.fixture(params=["from disk", "from memory"], autouse=True)
    def _told(self, request: pytest.FixtureRequest, shelf: Shelf) -> None:
        shelf.store(opened("#ops", "r1"), opened("#help", "r2"))
        if request.param == "from memory":
            shelf.read("r1")
        shelf.store(*(said(f"line {n}", at=NOON + n) for n in range(10)), said("elsewhere", stream="r2", at=NOON))

    def test_up_to_a_time(self, shelf: Shelf) -> None:
        """The room says what it has lost; nothing else is touched, and it counts on as before."""
        assert shelf.prune("r1", NOON + 4) == 4
        assert [text_of(entry) for entry in shelf.read("r1")] == [f"line {n}" for n in range(4, 10)]
        assert [entry.seq for entry in shelf.read("r1", 2, 6)] == [5, 6]
        rooms = {room.id: (room.head, room.expired) for room in shelf.reopen().rooms}
        assert rooms == {"r1": (10, 4), "r2": (1, 0)}
        assert [entry.seq for entry in shelf.store(said())] == [11]

    def test_nothing_is_old_enough(self, shelf: Shelf) -> None:
        """Then it is 0, for a stream that nobody made as well."""
        assert (shelf.prune("r1", NOON), shelf.prune("nowhere", NOON + 99)) == (0, 0)
        assert len(shelf.read("r1")) == 10

    def test_all_of_it(self, shelf: Shelf) -> None:
        """Nothing is read any more, and the next message has the next seq."""
        assert shelf.prune("r1", NOON + 99) == 10
        assert shelf.read("r1") == []
        assert [entry.seq for entry in shelf.store(said())] == [11]
        assert [entry.seq for entry in shelf.read("r1")] == [11]

    def test_more_than_one_step(self, shelf: Shelf) -> None:
        """However much it is."""
        shelf.store(*(said(f"word {n}", at=NOON + 50) for n in range(2 * FORGOTTEN_TOGETHER + 5)), said(at=NOON + 51))
        shelf.tidy()
        assert shelf.prune("r1", NOON + 51) == 10 + 2 * FORGOTTEN_TOGETHER + 5
        assert len(shelf.read("r1")) == 1
        assert shelf.found("word") == []

    def test_private_messages_that_wait(self, shelf: Shelf) -> None:
        """They wait no longer."""
        shelf.store(Proposal(Direct("ann", "bob", "hello"), "direct:@b|g1", "g1", NOON))
        assert shelf.prune("direct:@b|g1", NOON + 1) == 1
        assert shelf.mail("@b") == []

    def test_two_at_once(self, shelf: Shelf) -> None:
        """One after the other, and each is told what was asked."""
        first, second = shelf.log.prune("r1", NOON + 4), shelf.log.prune("r2", NOON + 4)
        shelf.tidy()
        assert (value_of(first), value_of(second)) == (4, 1)

    def test_at_the_end(self, shelf: Shelf) -> None:
        """Whoever waits is told how far it went."""
        pruned = shelf.log.prune("r1", NOON + 4)
        shelf.close()
        assert value_of(pruned) == 0
        assert value_of(shelf.log.prune("r1", NOON + 4)) == 0
        shelf.open(NOON)
        assert len(shelf.read("r1")) == 10

    def test_what_cannot_be_written(self, shelf: Shelf) -> None:
        """Whoever waits learns why; what was forgotten before stays forgotten."""
        pruned = shelf.log.prune("r1", NOON + 4)
        shelf.log._db.execute("PRAGMA query_only = 1")  # type: ignore[attr-defined]
        shelf.tidy()
        with pytest.raises(NotStored, match="not forgotten: attempt to write a readonly database"):
            value_of(pruned)
        shelf.log._db.execute("PRAGMA query_only = 0")  # type: ignore[attr-defined]
        assert shelf.prune("r1", NOON + 4) == 4
        assert isinstance(shelf.store(said())[0], Entry)
