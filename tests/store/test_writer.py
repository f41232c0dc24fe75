"""What happens inside a commit, on a connection alone."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers import NOON
from tests.store.helpers import arrived, departed, joined, opened, said
from twistedchat.chat.acts import Opened
from twistedchat.chat.errors import ChatError, NickTaken, NotStored
from twistedchat.chat.events import Arrived, Departed, Entry, Left, Proposal, Repeated, Said
from twistedchat.store.files import connect, prepare, scripts
from twistedchat.store.rows import SEQ_BITS, entry_of
from twistedchat.store.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from twistedchat.chat.events import Outcome

IO = Path("/proc/thread-self/io")


def written() -> int:
    """Return how many bytes this thread has written so far."""
    return int(dict(line.split(": ") for line in IO.read_text().splitlines())["wchar"])


@pytest.fixture
def db(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """Give the connection to a new database."""
    prepare(tmp_path / "some.db", "e1")
    with closing(connect(tmp_path / "some.db", "process", 0.01)) as db:
        yield db


class RowTests:
    """What stands in the database."""

    def test_a_place_is_stream_and_seq(self, db: sqlite3.Connection) -> None:
        """The number of the stream stands above the seq, so one tree holds every stream in its order."""
        Writer(db).commit([said(), said(stream="r2"), said()])
        places = [
            (place >> SEQ_BITS, place & (1 << SEQ_BITS) - 1) for (place,) in db.execute("SELECT place FROM entry")
        ]
        assert places == [(1, 1), (1, 2), (2, 1)]

    def test_an_entry_is_made_of_its_row(self, db: sqlite3.Connection) -> None:
        """What is read is equal to what was told."""
        (entry,) = Writer(db).commit([said("hello", cid="c1")])
        row = db.execute("SELECT place, id, at, by, cid, event FROM entry").fetchone()
        assert entry_of("r1", row) == entry

    def test_no_name_of_a_sender_is_needed_twice(self, db: sqlite3.Connection) -> None:
        """No cid is NULL there, for the index must not know it."""
        Writer(db).commit([said(), said()])
        assert db.execute("SELECT DISTINCT cid FROM entry").fetchall() == [(None,)]

    def test_a_second_writer_goes_on(self, db: sqlite3.Connection) -> None:
        """All that the next needs to know stands in the database."""
        Writer(db).commit([said(at=NOON + 5), opened("#ops", "r2")])
        (entry,) = Writer(db).commit([said(at=NOON)])
        assert entry == Entry(Said("ann", "hello"), "r1", 2, 2, NOON + 5, "g1")


class TransactionTests:
    """One batch, one transaction."""

    def test_none_is_left_open(self, db: sqlite3.Connection) -> None:
        """Whatever becomes of a batch, the connection is ready for the next."""
        writer = Writer(db)
        writer.commit([said(cid="c1")])
        writer.commit([said(cid="c1"), opened("#ops", "r2"), opened("#ops", "r3")])
        assert not db.in_transaction

    def test_none_is_begun_for_what_is_not_kept(self, db: sqlite3.Connection) -> None:
        """People who come and go without a secret cost no write."""
        statements: list[str] = []
        writer = Writer(db)
        db.set_trace_callback(statements.append)
        gone = Proposal(Left("ann", "s-g1"), "r1", "g1", NOON)
        writer.commit([arrived("ann", "g1"), joined("ann", "g1"), gone, departed("ann", "g1")])
        assert statements == []

    def test_there_is_one_for_a_whole_batch(self, db: sqlite3.Connection) -> None:
        """However many are stored, they are committed once."""
        statements: list[str] = []
        writer = Writer(db)
        db.set_trace_callback(statements.append)
        writer.commit([said(str(n), stream=f"r{n % 7}") for n in range(100)])
        assert [statement for statement in statements if statement in {"BEGIN IMMEDIATE", "COMMIT"}] == [
            "BEGIN IMMEDIATE",
            "COMMIT",
        ]

    def test_an_odd_error_before_the_commit_is_a_refusal(self, db: sqlite3.Connection) -> None:
        """It is told in SQLite's words, and nothing is stored."""
        writer = Writer(db)
        db.execute("PRAGMA query_only = 1")
        (outcome,) = writer.commit([said()])
        assert str(outcome) == "not stored: attempt to write a readonly database"
        db.execute("PRAGMA query_only = 0")
        (entry,) = writer.commit([said()])
        assert isinstance(entry, Entry)
        assert entry.seq == 1

    def test_one_that_fails_halfway_leaves_nothing(self, db: sqlite3.Connection) -> None:
        """Where the disk is full after some of the rows, none of them is stored, and the next is the first."""
        writer = Writer(db)
        (pages,) = db.execute("PRAGMA page_count").fetchone()
        db.execute(f"PRAGMA max_page_count = {pages + 3}")
        outcomes = writer.commit([said("x" * 4000, cid=str(n)) for n in range(8)])
        assert {str(outcome) for outcome in outcomes} == {"not stored: the disk is full"}
        db.execute("PRAGMA max_page_count = 1000000")
        (entry,) = writer.commit([said(cid="0")])
        assert isinstance(entry, Entry)
        assert (entry.seq, db.execute("SELECT count(*) FROM entry").fetchone()) == (1, (1,))

    @pytest.mark.skipif(not IO.exists(), reason="only Linux counts what a thread writes")
    def test_nothing_is_written_but_to_the_log(self, db: sqlite3.Connection, tmp_path: Path) -> None:
        """What many people say in many places changes many pages, of which no copies are made aside."""
        writer, wal = Writer(db), tmp_path / "some.db-wal"
        db.execute("PRAGMA wal_autocheckpoint = 0")
        batches = [
            [said(f"{n}", stream=f"r{who}", by=f"g{who}", cid=f"{n}") for who in range(100)] for n in range(40)
        ]
        for batch in batches[:-1]:
            writer.commit(batch)
        size, before = wal.stat().st_size, written()
        writer.commit(batches[-1])
        assert written() - before == pytest.approx(wal.stat().st_size - size, rel=0.05)

    def test_a_guests_secret_is_one_guests(self, db: sqlite3.Connection) -> None:
        """The same secret for another guest is refused, and its claim is free; its neighbours are stored."""
        writer = Writer(db)
        writer.commit([arrived("ann", "g1", secret_hash="h1")])
        outcomes = writer.commit([said("one"), arrived("bob", "g2", secret_hash="h1"), said("two")])
        assert [type(outcome) for outcome in outcomes] == [Entry, NotStored, Entry]
        assert isinstance(writer.commit([arrived("bob", "g3")])[0], Entry)


class Expected:
    """What must become of each proposal, in the plainest words."""

    def __init__(self) -> None:
        self.seqs: dict[str, int] = {}
        self.times: dict[str, int] = {}
        self.cids: dict[tuple[str, str], tuple[str, int]] = {}
        self.names: dict[str, str] = {}
        self.rooms: set[str] = set()
        self.streams: set[str] = set()

    def outcome(self, proposal: Proposal) -> object:
        match proposal.event:
            case Said():
                return self._said(proposal)
            case Opened(name=name):
                if name in self.rooms or proposal.stream in self.streams:
                    return NotStored
                self.rooms.add(name)
                self.streams.add(proposal.stream)
            case Arrived():
                (claim,) = proposal.claims
                if self.names.setdefault(claim, proposal.by) != proposal.by:
                    return NickTaken
            case Departed():
                self.leave(proposal)
        return 0

    def leave(self, proposal: Proposal) -> None:
        (claim,) = proposal.releases
        if self.names.get(claim) == proposal.by:
            del self.names[claim]

    def _said(self, proposal: Proposal) -> object:
        stream = proposal.stream
        if proposal.cid and (proposal.by, proposal.cid) in self.cids:
            return "again", *self.cids[proposal.by, proposal.cid]
        self.seqs[stream] = self.seqs.get(stream, 0) + 1
        self.times[stream] = max(self.times.get(stream, 0), proposal.at)
        self.cids[proposal.by, proposal.cid] = stream, self.seqs[stream]
        return stream, self.seqs[stream], self.times[stream]


def seen(outcome: Outcome) -> object:
    match outcome:
        case Repeated(entry=entry):
            return "again", entry.stream, entry.seq
        case Entry(seq=0):
            return 0
        case Entry():
            return outcome.stream, outcome.seq, outcome.at
        case ChatError():
            return type(outcome)


_few = st.integers(1, 3).map(str)
_proposals = st.one_of(
    st.builds(
        lambda stream, by, at, cid: said(stream=stream, by=by, at=at, cid=cid),
        _few,
        _few,
        st.integers(0, 9),
        st.just("") | _few,
    ),
    st.builds(opened, _few, _few),
    st.builds(arrived, _few, _few),
    st.builds(departed, _few, _few),
)


def new_database() -> sqlite3.Connection:
    db = sqlite3.connect(":memory:", isolation_level=None)
    for script in scripts():
        db.executescript(script)
    db.execute("INSERT INTO meta VALUES ('epoch', 'e1'), ('id', '0')")
    return db


_EXTENT = """
    SELECT name, count(*), max(place) - min(place) + 1, head FROM entry JOIN stream ON num = place >> ? GROUP BY num
"""


class AnyBatchTests:
    """Whatever is proposed, however it is cut into batches."""

    @given(st.lists(st.tuples(st.booleans(), st.lists(_proposals, min_size=1, max_size=8)), max_size=8))
    def test_each_has_the_outcome_that_it_would_have_alone(self, batches: list[tuple[bool, list[Proposal]]]) -> None:
        """Neighbours that are refused or repeated change nothing, and a batch that fails leaves nothing."""
        expected = Expected()
        with closing(new_database()) as db:
            writer = Writer(db)
            for fails, batch in batches:
                if fails:
                    db.execute("PRAGMA query_only = 1")
                    outcomes = writer.commit([*batch, said(stream="4", cid="fails")])
                    db.execute("PRAGMA query_only = 0")
                    assert all(isinstance(outcome, NotStored) for outcome in outcomes[-1:])
                    for proposal, outcome in zip(batch, outcomes, strict=False):
                        if isinstance(proposal.event, Departed):
                            assert isinstance(outcome, Entry)
                            expected.leave(proposal)
                        else:
                            assert isinstance(outcome, NotStored)
                else:
                    assert [seen(each) for each in writer.commit(batch)] == [expected.outcome(each) for each in batch]
            rows = db.execute(_EXTENT, (SEQ_BITS,))
            kept = {name: (many, span, head) for name, many, span, head in rows}
            assert kept == {name: (seq, seq, seq) for name, seq in expected.seqs.items()}
            ids = [number for (number,) in db.execute("SELECT id FROM entry ORDER BY id")]
            assert ids == list(range(1, len(ids) + 1))
