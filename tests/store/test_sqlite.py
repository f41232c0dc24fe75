"""The log of one daemon: its rhythm, what it does when SQLite cannot, and what it has at hand."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from tests.helpers import NOON, OnTheSpot
from tests.store.helpers import ByHand, Shelf, SqliteEngine, arrived, departed, joined, opened, said, value_of
from twistedchat.chat.acts import Dropped, Registered, RoomSet
from twistedchat.chat.errors import NickTaken, NoRoom, NotStored, OutcomeUnknown
from twistedchat.chat.events import Direct, Emoted, Entry, Proposal, Repeated
from twistedchat.chat.names import claims
from twistedchat.chat.room import room_claims
from twistedchat.store import recent
from twistedchat.store.errors import StoreError
from twistedchat.store.sqlite import BATCH_CHARACTERS, BATCH_EVENTS, CROWD, REST_MOST, SqliteLog
from twistedchat.store.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator, Sequence

    from twisted.internet.defer import Deferred
    from twisted.logger import LogEvent

    from twistedchat.chat.events import Outcome

T = TypeVar("T")


class Book(Shelf):
    """A shelf whose log is an SQLite file, and can be meddled with."""

    engine: SqliteEngine
    log: SqliteLog

    def elsewhere(self) -> sqlite3.Connection:
        """Return a connection of somebody else's to the same file."""
        return sqlite3.connect(self.engine.path, isolation_level=None)

    def fill_up(self) -> None:
        """Leave no room for another page in the file."""
        (pages,) = self.log._db.execute("PRAGMA page_count").fetchone()
        self.log._db.execute(f"PRAGMA max_page_count = {pages}")

    def make_room(self) -> None:
        self.log._db.execute("PRAGMA max_page_count = 1000000")

    def write_by(self, factory: type[sqlite3.Connection]) -> None:
        """Let the writer write over a connection of this kind."""
        self.log._db.close()
        self.log._db = sqlite3.connect(self.engine.path, isolation_level=None, factory=factory)
        self.log._writer = Writer(self.log._db)


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    """Give a started log whose work is done on the spot."""
    book = Book(SqliteEngine(tmp_path))
    yield book
    book.close()


@pytest.fixture
def hands() -> ByHand:
    """Give workers that wait to be told."""
    return ByHand()


@pytest.fixture
def slow(tmp_path: Path, hands: ByHand) -> Iterator[Book]:
    """Give a started log whose commits take until the test says so."""
    book = Book(SqliteEngine(tmp_path, hands))
    yield book
    book.log.stop()
    while hands.writes:
        hands.finish()


def texts(batch: Sequence[tuple[Proposal, Outcome]]) -> list[str]:
    return [getattr(proposal.event, "text", "") for proposal, _ in batch]


class RhythmTests:
    """When what waits is handed to the writer."""

    def test_what_comes_in_one_turn_goes_together(self, slow: Book, hands: ByHand) -> None:
        """When idle, an event waits for the end of its turn only, and all of that turn are one commit."""
        slow.log.append(said("one"))
        slow.log.append(said("two"))
        assert not hands.writes
        slow.clock.turn()
        hands.finish()
        assert [texts(batch) for batch in slow.batches] == [["one", "two"]]

    def test_one_batch_is_in_flight(self, slow: Book, hands: ByHand) -> None:
        """While the writer is at work nothing more is given to it, however long it takes."""
        slow.log.append(said("one"))
        slow.clock.turn()
        slow.log.append(said("two"))
        slow.clock.advance(60)
        assert len(hands.writes) == 1

    def test_the_next_waits_two_turns_after_the_last_was_told(self, slow: Book, hands: ByHand) -> None:
        """What was read meanwhile, and the answers to what was just told, are all in the next batch."""
        slow.log.append(said("one"))
        slow.clock.turn()
        slow.log.append(said("while it was in flight"))
        hands.finish()
        slow.log.append(said("in the turn that told it"))
        slow.clock.turn()
        assert not hands.writes
        slow.log.append(said("in the turn after"))
        slow.clock.turn()
        slow.log.append(said("too late"))
        hands.finish()
        assert [texts(batch) for batch in slow.batches] == [
            ["one"],
            ["while it was in flight", "in the turn that told it", "in the turn after"],
        ]

    @pytest.mark.parametrize(("told_for", "rest"), [(0.005, 0.005), (0.5, REST_MOST)])
    def test_a_batch_that_took_long_to_tell_is_followed_by_a_rest(
        self, slow: Book, hands: ByHand, monkeypatch: pytest.MonkeyPatch, told_for: float, rest: float
    ) -> None:
        """A huge room takes half a processor at most; but nobody waits for long."""
        monkeypatch.setattr(slow.log, "_on_batch", lambda _: slow.clock.advance(told_for))
        slow.log.append(said("one"))
        slow.clock.turn()
        hands.finish()
        slow.log.append(said("two"))
        slow.clock.advance(rest - 0.001)
        assert not hands.writes
        slow.clock.advance(0.002)
        assert hands.writes

    def test_it_comes_to_rest(self, slow: Book, hands: ByHand) -> None:
        """When nothing waits it asks for no more turns, and the next event is quick again."""
        slow.log.append(said("one"))
        slow.clock.turn()
        hands.finish()
        slow.clock.settle()
        assert hands.writes == []
        assert all(call.getTime() > slow.clock.seconds() for call in slow.clock.getDelayedCalls())
        slow.log.append(said("two"))
        slow.clock.turn()
        assert hands.writes

    def test_a_batch_has_so_many_events_at_most(self, slow: Book, hands: ByHand) -> None:
        """What is beyond waits for the next commit, in its order."""
        for n in range(BATCH_EVENTS + 1):
            slow.log.append(said(str(n)))
        slow.clock.turn()
        hands.finish()
        slow.clock.settle()
        hands.finish()
        assert [len(batch) for batch in slow.batches] == [BATCH_EVENTS, 1]
        assert texts(slow.batches[1]) == [str(BATCH_EVENTS)]

    def test_a_batch_has_so_much_text_at_most(self, slow: Book, hands: ByHand) -> None:
        """Long texts of whatever kind fill a commit sooner; one text is always taken, however long."""
        half = "x" * (BATCH_CHARACTERS // 2)
        events = [Emoted("ann", half), Direct("ann", "bob", half), Emoted("ann", half * 4), Emoted("ann", "short")]
        for event in events:
            slow.log.append(Proposal(event, "r1", "g1", NOON))
        slow.clock.turn()
        while hands.writes:
            hands.finish()
            slow.clock.settle()
        assert [[pair[0].event for pair in batch] for batch in slow.batches] == [events[:2], events[2:3], events[3:]]

    def test_a_crowd_is_noticed(self, slow: Book, hands: ByHand) -> None:
        """Senders are asked to pause when a whole batch waits behind the one in flight, and not before."""
        slow.log.append(said())
        slow.clock.turn()
        for _ in range(CROWD - 1):
            slow.log.append(said())
        assert not slow.log.crowded
        slow.log.append(said())
        assert slow.log.crowded
        hands.finish()
        slow.clock.settle()
        assert not slow.log.crowded

    def test_the_end_waits_for_what_is_in_flight(self, slow: Book, hands: ByHand) -> None:
        """Stopping commits that and what waits behind it, at once, and only then is it over."""
        slow.log.append(said("one"))
        slow.clock.turn()
        slow.log.append(said("two"))
        stopped = slow.log.stop()
        hands.finish()
        assert not stopped.called
        hands.finish()
        assert (stopped.called, hands.stopped) == (True, True)
        assert [texts(batch) for batch in slow.batches] == [["one"], ["two"]]
        slow.open(NOON)


class FullDiskTests:
    """Where there is no room."""

    def test_all_of_the_batch_is_refused(self, book: Book) -> None:
        """Nothing of it is stored, and its senders are told why."""
        book.store(said("before"))
        book.fill_up()
        outcomes = book.append(said("small"), said("x" * 50_000), said("after"))
        assert [str(outcome) for outcome in outcomes] == ["not stored: the disk is full"] * 3
        assert [type(outcome) for outcome in outcomes] == [NotStored] * 3
        assert [entry.seq for entry in book.read("r1")] == [1]

    def test_it_recovers_by_itself(self, book: Book) -> None:
        """When there is room again the next batch goes on without a gap, and so does the next start."""
        (before,) = book.store(said("before", cid="c0"))
        book.fill_up()
        book.append(said("x" * 50_000, at=NOON + 99, cid="c1"), said(stream="new"))
        book.make_room()
        after, new = book.store(said("again", cid="c1"), said(stream="new"))
        assert (after.seq, after.id, after.at, new.seq) == (2, before.id + 1, NOON, 1)
        book.reopen()
        assert [entry.seq for entry in book.store(said(), said(stream="new"))] == [3, 2]

    def test_claims_are_undone(self, book: Book) -> None:
        """A name that was claimed or given back in a batch that failed is whose it was before."""
        book.store(arrived("ann", "g1"))
        book.fill_up()
        renamed = Proposal(joined("ann", "g1").event, "r1", "g1", NOON, claims=("nick:bea",), releases=("nick:ann",))
        book.append(renamed, arrived("bob", "g2"), said("x" * 50_000))
        book.make_room()
        outcomes = book.append(arrived("ann", "g3"), arrived("bob", "g3"), arrived("bea", "g3"))
        assert [isinstance(outcome, NickTaken) for outcome in outcomes] == [True, False, False]

    def test_rooms_are_as_private_as_before(self, book: Book) -> None:
        """A room that was to be private, or open, in a batch that failed is what it was."""
        invite, open_ = (Proposal(RoomSet("ann", "join", how), "r1", "@a", NOON) for how in ("invite", "open"))
        book.store(opened("#ops", "r1"))
        book.fill_up()
        book.append(invite, said("x" * 50_000))
        book.make_room()
        book.store(joined("bob", "@b"))
        assert book.reopen().rooms[0].admitted == {}
        book.store(invite)
        book.fill_up()
        book.append(open_, said("x" * 50_000))
        book.make_room()
        book.store(joined("bob", "@b"))
        assert book.reopen().rooms[0].admitted == {"@b": 1}

    def test_an_account_keeps_its_name(self, book: Book) -> None:
        """Also when its owner leaves while nothing can be stored."""
        book.store(Proposal(Registered("ann", "@a", "hash"), "", "g1", NOON))
        book.fill_up()
        gone = Proposal(departed("ann", "@a").event, "", "@a", NOON, releases=claims("ann"))
        assert [type(each) for each in book.append(said("x" * 50_000), gone)] == [NotStored, Entry]
        book.make_room()
        taken = Proposal(arrived("ann", "g2").event, "", "g2", NOON, claims=claims("ann"))
        assert isinstance(book.append(taken)[0], NickTaken)

    def test_a_room_that_was_not_made_leaves_its_name(self, book: Book) -> None:
        """Nor is one gone that was to be dropped in a batch that failed."""
        ops, drop = opened("#ops", "r1"), Proposal(Dropped("ann"), "r1", "@a", NOON)
        ops = Proposal(ops.event, "r1", "", NOON, claims=room_claims("#ops"))
        other = Proposal(ops.event, "r2", "", NOON, claims=room_claims("#ops"))
        book.fill_up()
        book.append(ops, said("x" * 50_000))
        book.make_room()
        book.store(ops)
        book.fill_up()
        book.append(drop, said("x" * 50_000))
        book.make_room()
        assert isinstance(book.append(other)[0], NoRoom)

    def test_who_leaves_is_gone_all_the_same(self, book: Book) -> None:
        """A departure is never refused: its name is free, and the guest can come back."""
        book.store(arrived("ann", "g1", secret_hash="h1"))
        book.fill_up()
        refused, gone = book.append(said("x" * 50_000), departed("ann", "g1", held=True))
        assert (type(refused), type(gone)) == (NotStored, Entry)
        book.make_room()
        book.store(arrived("ann", "g2"))
        assert [guest.id for guest in book.reopen(NOON + 1).guests] == ["g1"]


class LockedTests:
    """Where somebody else holds the database."""

    def test_all_of_the_batch_is_refused(self, book: Book) -> None:
        """After some patience its senders are told, and when the other lets go it goes on without a gap."""
        book.store(said())
        with closing(book.elsewhere()) as other:
            other.execute("BEGIN IMMEDIATE")
            outcomes = book.append(said(), said(stream="new"))
            other.execute("ROLLBACK")
        assert [str(outcome) for outcome in outcomes] == ["not stored: the database is locked"] * 2
        assert [entry.seq for entry in book.store(said(), said(stream="new"))] == [2, 1]

    def test_what_is_not_stored_goes_on(self, book: Book) -> None:
        """People come and go while nothing can be written."""
        with closing(book.elsewhere()) as other:
            other.execute("BEGIN IMMEDIATE")
            book.store(arrived("ann", "g1"), joined("ann", "g1"), departed("ann", "g1"))

    def test_who_leaves_is_gone_all_the_same(self, book: Book) -> None:
        """A departure beside a message that is refused is no ghost."""
        book.store(arrived("ann", "g1"))
        with closing(book.elsewhere()) as other:
            other.execute("BEGIN IMMEDIATE")
            outcomes = book.append(said(), departed("ann", "g1"), departed("bob", "g1"))
        assert [type(outcome) for outcome in outcomes] == [NotStored, Entry, Entry]
        book.store(arrived("ann", "g2"))

    def test_reading_goes_on(self, book: Book) -> None:
        """History is read beside whoever writes."""
        book.store(said())
        with closing(book.elsewhere()) as other:
            other.execute("BEGIN IMMEDIATE")
            assert [entry.seq for entry in book.read("r1")] == [1]

    def test_a_start_says_so(self, book: Book) -> None:
        """A daemon that cannot write at its start is told why in one line."""
        log = book.engine.open(book.clock, lambda: None)
        with closing(book.elsewhere()) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StoreError, match=r"cannot use .*tcpchat\.db: database is locked"):
                log.start(book.batches.append, NOON)
        log.stop()


class FailingCommit(sqlite3.Connection):
    """Fails at COMMIT as a disk does, and leaves it open whether the rows are there."""

    landed = False
    code = sqlite3.SQLITE_IOERR_FSYNC

    def execute(self, sql: str, parameters: Sequence[str | int] = (), /) -> sqlite3.Cursor:  # type: ignore[override]
        if sql == "COMMIT":
            if self.landed:
                super().execute("COMMIT")
            error = sqlite3.OperationalError("disk I/O error")
            error.sqlite_errorcode = self.code
            raise error
        return super().execute(sql, parameters)


class LandingCommit(FailingCommit):
    """Fails at COMMIT although the rows are there."""

    landed = True


class FullCommit(FailingCommit):
    """Finds at COMMIT that the disk is full."""

    code = sqlite3.SQLITE_FULL


class BrokenTests:
    """Where nobody knows whether a commit happened."""

    def test_it_is_neither_acked_nor_refused(self, book: Book) -> None:
        """All of the batch are told that it is not known, and the daemon that it must end."""
        book.write_by(FailingCommit)
        outcomes = book.append(said("one"), departed("ann", "g1"))
        assert [type(outcome) for outcome in outcomes] == [OutcomeUnknown, OutcomeUnknown]
        assert book.broken == 1

    def test_nothing_further_is_taken(self, book: Book) -> None:
        """What comes later is not written, and who waits for it is refused at the end."""
        book.write_by(FailingCommit)
        book.append(said("one"))
        book.log.append(said("two"))
        waiting = book.log.place(said("three"))
        book.clock.advance(60)
        assert (len(book.batches), book.broken) == (1, 1)
        book.reopen()
        with pytest.raises(NotStored):
            value_of(waiting)
        assert book.read("r1") == []

    def test_who_waits_for_it_learns_it(self, book: Book) -> None:
        """The one whose commit it was is told that it is not known."""
        book.write_by(FailingCommit)
        with pytest.raises(OutcomeUnknown):
            book.place(said())

    @pytest.mark.parametrize(("connection", "repeats"), [(FailingCommit, False), (LandingCommit, True)])
    def test_a_repeat_settles_it(self, book: Book, connection: type[FailingCommit], repeats: bool) -> None:  # noqa: FBT001
        """After the restart the same cid is stored once, whether the commit had happened or not."""
        book.write_by(connection)
        book.append(said("one", cid="c1"))
        book.reopen()
        (outcome,) = book.append(said("one", cid="c1"))
        assert isinstance(outcome, Repeated) is repeats
        assert [entry.seq for entry in book.read("r1")] == [1]

    def test_it_can_be_stopped_while_that_happens(self, slow: Book, hands: ByHand) -> None:
        """The end comes though the commit it waited for is the one that fails."""
        slow.write_by(FailingCommit)
        slow.log.append(said())
        slow.clock.turn()
        stopped = slow.log.stop()
        assert not stopped.called
        hands.finish()
        assert (stopped.called, slow.broken) == (True, 1)
        slow.open(NOON)

    def test_a_full_disk_at_the_commit_is_a_refusal(self, book: Book) -> None:
        """There SQLite is sure that nothing was stored, and the log goes on."""
        book.write_by(FullCommit)
        assert [type(outcome) for outcome in book.append(said())] == [NotStored]
        book.write_by(sqlite3.Connection)
        assert [entry.seq for entry in book.store(said())] == [1]
        assert not book.broken

    def test_a_fault_of_ours_is_unknown_too(self, book: Book, logged_errors: list[LogEvent]) -> None:
        """What nobody foresaw in the writer is logged, and answered: nobody waits for ever."""
        book.log._writer = Faulty(book.log._db)
        assert [type(outcome) for outcome in book.append(said())] == [OutcomeUnknown]
        assert book.broken == 1
        assert len(logged_errors) == 1


class Faulty(Writer):
    """A writer with a fault."""

    def commit(self, batch: Sequence[Proposal], overtaken: Container[int] = ()) -> list[Outcome]:
        raise RuntimeError(batch, overtaken)


class HeadTests:
    """Where a stream stands."""

    def test_it_is_kept_in_its_row(self, book: Book) -> None:
        """When old entries are dropped, all of them even, the next goes on after the last that was given."""
        book.store(said(), said(), said(stream="r2"))
        book.close()
        with closing(book.elsewhere()) as other:
            other.execute("DELETE FROM entry")
        book.open(NOON)
        assert [entry.seq for entry in book.store(said(), said(stream="r2"))] == [3, 2]
        assert [entry.seq for entry in book.read("r1")] == [3]

    def test_the_id_is_never_used_again(self, book: Book) -> None:
        """It goes on after the last that was given, whatever has been dropped."""
        *_, last = book.store(said(), said())
        book.close()
        with closing(book.elsewhere()) as other:
            other.execute("DELETE FROM entry")
        book.open(NOON)
        assert [entry.id for entry in book.store(said())] == [last.id + 1]


class Reading(RuleBasedStateMachine):
    """The log beside a list: what is read from memory and from disk is what the list has."""

    streams = st.sampled_from(["r1", "r2", "r3"])

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.shelf = Shelf(SqliteEngine(Path(self.folder.name)))
        self.model: dict[str, list[Entry]] = {"r1": [], "r2": [], "r3": []}

    @rule(stream=streams, times=st.lists(st.integers(0, 5), min_size=1, max_size=6))
    def talk(self, stream: str, times: list[int]) -> None:
        for entry in self.shelf.store(*(said(str(at), stream=stream, at=at) for at in times)):
            self.model[stream].append(entry)

    @rule(stream=streams, after=st.integers(0, 30), span=st.integers(-1, 30), limit=st.integers(0, 30))
    def read(self, stream: str, after: int, span: int, limit: int) -> None:
        expected = [entry for entry in self.model[stream] if after < entry.seq <= after + span]
        assert self.shelf.read(stream, after, after + span, limit) == expected[:limit]

    @precondition(lambda self: any(self.model.values()))
    @rule()
    def restart(self) -> None:
        self.shelf.reopen()

    @invariant()
    def in_order(self) -> None:
        for entries in self.model.values():
            assert [entry.seq for entry in entries] == list(range(1, len(entries) + 1))
            assert [entry.at for entry in entries] == sorted(entry.at for entry in entries)

    def teardown(self) -> None:
        self.shelf.close()
        self.folder.cleanup()


class CountingReads(OnTheSpot):
    """Workers that count how often they read."""

    reads = 0

    def read(self, job: Callable[[], T]) -> Deferred[T]:
        self.reads += 1
        return super().read(job)


class MemoryTests:
    """What is at hand of a room."""

    def test_it_is_what_the_disk_has(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Whatever is read comes out the same, at hand or not, after restarts and however much has been said."""
        monkeypatch.setattr(recent, "RECENT", 5)
        run_state_machine_as_test(
            Reading,
            settings=settings(
                max_examples=25, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
            ),
        )

    def test_the_last_entries_are_read_without_the_disk(self, tmp_path: Path) -> None:
        """Whoever comes to a room that somebody has read before costs no thread a thing."""
        hands = CountingReads()
        book = Book(SqliteEngine(tmp_path, hands))
        book.read("r1")
        told = book.store(*(said(str(n)) for n in range(300)))
        assert book.read("r1", after=300 - recent.RECENT) == told[-recent.RECENT :]
        assert hands.reads == 1
        assert book.read("r1", after=300 - recent.RECENT - 1, limit=1) == [told[-recent.RECENT - 1]]
        assert hands.reads == 2
        book.close()
