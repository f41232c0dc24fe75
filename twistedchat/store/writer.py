"""What happens inside a commit: places are given, and all that waits becomes one transaction."""

from __future__ import annotations

import sqlite3
from functools import cache
from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct

from twistedchat.chat.acts import Opened
from twistedchat.chat.errors import ChatError, NotStored, OutcomeUnknown
from twistedchat.chat.events import Departed, Emoted, Entry, Repeated, Said
from twistedchat.store.memory import Memory
from twistedchat.store.pen import Pen
from twistedchat.store.projection import NEED_ROWS, Projection, know
from twistedchat.store.rows import SEQ_BITS, encode, entry_of

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

    from twistedchat.chat.events import Outcome, Proposal

ROWS_TOGETHER = 64
"""How many rows one statement inserts at most; a row costs half as much as alone."""

Values: TypeAlias = list[int | str | None]
"""Rows one after another: place, id, at, by, cid, event."""

_COLUMNS = 6
_PLAIN = frozenset({Said, Emoted})
"""Nothing follows from these, and they claim nothing."""


@cache
def _insert(rows: int) -> str:
    """Return the statement that inserts so many rows.

    Where it fails it leaves what it has done, which `_Transaction` takes back. Else SQLite would copy each page
    before it changes it, to be able to do that itself: a third of the work where many have written.
    """
    marks = ", ".join(["(?, ?, ?, ?, ?, ?)"] * rows)
    return f"INSERT OR FAIL INTO entry (place, id, at, by, cid, event) VALUES {marks}"  # noqa: S608 - nothing but marks


class Head(Struct):
    """Where a stream stands: its number, the last seq given, the time last shown."""

    num: int
    seq: int
    at: int


class Writer:
    """The one that writes; everything here runs in the log's thread, a batch at a time.

    What a transaction has changed of the heads and the id holds when it has been
    committed, and not before; what it has changed in the memory it can take back.
    `behind` has the numbers of the streams in which something was stored since whoever
    makes the index has looked.
    """

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._heads: dict[str, Head] = {}
        self._memory = Memory()
        self._id = int(db.execute("SELECT value FROM meta WHERE name = 'id'").fetchone()[0])
        self._pen = Pen(db)
        know(self._pen, self._memory)
        self._memory.settled()
        self.behind = dict.fromkeys(row[0] for row in self._pen.all("SELECT num FROM stream WHERE head > indexed"))

    def commit(self, batch: Sequence[Proposal], overtaken: Container[int] = ()) -> list[Outcome]:
        """Commit the batch and return an outcome for each proposal, in their order.

        `overtaken` has the `id()` of proposals that something else has come before,
        which makes them void.
        """
        transaction = _Transaction(self._db, self._heads, self._memory, self._id, overtaken)
        try:
            outcomes = transaction.run(batch)
        except sqlite3.Error as error:
            transaction.undo()
            return self.refuse(batch, error)
        try:
            if self._db.in_transaction:
                self._db.execute("COMMIT")
        except sqlite3.Error as error:
            transaction.undo()
            if _reason(error):
                return self.refuse(batch, error)
            return [OutcomeUnknown("Not known whether this was stored")] * len(batch)
        self._memory.settled()
        self._heads.update(transaction.heads)
        self._id = transaction.id
        for head in transaction.heads.values():
            self.behind[head.num] = None
        return outcomes

    def refuse(self, batch: Sequence[Proposal], error: sqlite3.Error) -> list[Outcome]:
        """Refuse all but the departures: whoever has gone is gone, and the next start finds them away."""
        outcomes: list[Outcome] = [self._departed(each) or _refusal(error) for each in batch]
        self._memory.settled()
        return outcomes

    def _departed(self, proposal: Proposal) -> Entry | None:
        if not isinstance(proposal.event, Departed):
            return None
        self._memory.release(proposal)
        return Entry(proposal.event, proposal.stream, 0, 0, proposal.at, proposal.by)


class _Transaction:
    """One batch on its way into the database."""

    def __init__(
        self, db: sqlite3.Connection, heads: dict[str, Head], memory: Memory, last_id: int, overtaken: Container[int]
    ) -> None:
        self._db = db
        self._before = heads
        self._id_before = self.id = last_id
        self._memory = memory
        self._projection = Projection(Pen(db), memory, self._seq)
        self._overtaken = overtaken
        self.heads: dict[str, Head] = {}

    def undo(self) -> None:
        """Leave everything as it was before."""
        if self._db.in_transaction:
            self._db.execute("ROLLBACK")
        self.heads = {}
        self.id = self._id_before
        self._memory.back_to(0)

    def run(self, batch: Sequence[Proposal]) -> list[Outcome]:
        """Place all of them, and return what became of each; the transaction is left open."""
        try:
            outcomes = self._place_together(batch)
        except sqlite3.IntegrityError:
            self.undo()
            outcomes = [self._place_alone(proposal) for proposal in batch]
        if self.heads:
            self._begin()
            self._db.executemany(
                "UPDATE stream SET head = ?, at = ? WHERE num = ?",
                [(head.seq, head.at, head.num) for head in self.heads.values()],
            )
            self._db.execute("UPDATE meta SET value = ? WHERE name = 'id'", (str(self.id),))
        return outcomes

    def _place_together(self, batch: Sequence[Proposal]) -> list[Outcome]:
        values: Values = []
        outcomes = [self._place(proposal, values) for proposal in batch]
        self._insert(values)
        return outcomes

    def _insert(self, values: Values) -> None:
        """Insert the rows, many by one statement: while it runs, the reactor's thread does, too."""
        left = len(values) // _COLUMNS
        if left:
            self._begin()
        while left:
            rows = min(ROWS_TOGETHER, 1 << left.bit_length() - 1)
            end = len(values) - (left - rows) * _COLUMNS
            self._db.execute(_insert(rows), values[end - rows * _COLUMNS : end])
            left -= rows
        values.clear()

    def _place_alone(self, proposal: Proposal) -> Outcome:
        """Place one whose batch has a member that the database refuses; it is refused by itself."""
        known = self._repeated(proposal)
        if known is not None:
            return known
        self._begin()
        self._db.execute("SAVEPOINT one")
        values: Values = []
        mark, last_id = self._memory.mark, self.id
        head = self.heads.get(proposal.stream)
        head = head and Head(head.num, head.seq, head.at)
        try:
            outcome = self._place(proposal, values)
            self._insert(values)
        except sqlite3.IntegrityError as error:
            self._db.execute("ROLLBACK TO one")
            self._memory.back_to(mark)
            self.id = last_id
            self.heads.pop(proposal.stream, None)
            if head is not None:
                self.heads[proposal.stream] = head
            outcome = NotStored(f"not stored: {error}")
        self._db.execute("RELEASE one")
        return outcome

    def _place(self, proposal: Proposal, values: Values) -> Outcome:
        event = proposal.event
        plain = type(event) in _PLAIN
        if proposal.refusal is not None:
            return self._repeated(proposal) or proposal.refusal
        if not plain:
            refused = self._check(proposal, values)
            if refused is not None:
                return self._repeated(proposal) or refused
        stream = proposal.stream
        if not event.kept or not stream:
            if type(event) is Opened and stream not in self.heads:
                self._head(stream)
            entry = Entry(event, stream, 0, 0, proposal.at, proposal.by)
            self._projection.follow(entry, 0, self.id)
            return entry
        head = self.heads.get(stream) or self._head(stream)
        head.seq += 1
        if proposal.at > head.at:  # noqa: PLR1730 - max() costs more, and this is done for every message
            head.at = proposal.at
        self.id += 1
        place = head.num << SEQ_BITS | head.seq
        values += (place, self.id, head.at, proposal.by, proposal.cid or None, encode(event).decode())
        entry = Entry(event, stream, head.seq, self.id, head.at, proposal.by, proposal.cid)
        if not plain:
            self._projection.follow(entry, head.num, self.id)
        return entry

    def _check(self, proposal: Proposal, values: Values) -> ChatError | None:
        """Return why this one cannot be, or have it claim what it claims."""
        number = 0
        if type(proposal.event) in NEED_ROWS:
            self._insert(values)
            number = self._number(proposal.stream)
        refused = self._projection.refusal(proposal, number, overtaken=id(proposal) in self._overtaken)
        return refused or self._memory.claim(proposal)

    def _repeated(self, proposal: Proposal) -> Repeated | None:
        if not proposal.cid or not proposal.event.kept:
            return None
        row = self._db.execute(
            "SELECT place, id, at, by, cid, event, (SELECT name FROM stream WHERE num = place >> ?)"
            " FROM entry WHERE by = ? AND cid = ?",
            (SEQ_BITS, proposal.by, proposal.cid),
        ).fetchone()
        return row and Repeated(entry_of(row[6], row[:6]))

    def _seq(self, stream: str) -> int:
        """Return the last seq of the stream, within this transaction."""
        head = self.heads.get(stream) or self._before.get(stream)
        if head is not None:
            return head.seq
        row = self._db.execute("SELECT head FROM stream WHERE name = ?", (stream,)).fetchone()
        return row[0] if row else 0

    def _number(self, stream: str) -> int:
        """Return the number of the stream, 0 where there is none."""
        head = self.heads.get(stream) or self._before.get(stream)
        if head is not None:
            return head.num
        row = self._db.execute("SELECT num FROM stream WHERE name = ?", (stream,)).fetchone()
        return row[0] if row else 0

    def _begin(self) -> None:
        if not self._db.in_transaction:
            self._db.execute("BEGIN IMMEDIATE")

    def _head(self, stream: str) -> Head:
        """Return the stream's head for this transaction, making the stream where there is none."""
        known = self._before.get(stream)
        if known is None:
            find = "SELECT num, head, at FROM stream WHERE name = ?"
            row = self._db.execute(find, (stream,)).fetchone()
            if row is None:
                self._begin()
                self._db.execute("INSERT INTO stream (name) VALUES (?)", (stream,))
                row = self._db.execute(find, (stream,)).fetchone()
            known = Head(*row)
        head = self.heads[stream] = Head(known.num, known.seq, known.at)
        return head


def _reason(error: sqlite3.Error) -> str:
    """Return why nothing was stored where SQLite can be sure of that even when a COMMIT fails, or ""."""
    reasons = {sqlite3.SQLITE_FULL: "the disk is full", sqlite3.SQLITE_BUSY: "the database is locked"}
    return reasons.get(getattr(error, "sqlite_errorcode", 0) & 0xFF, "")


def _refusal(error: sqlite3.Error) -> NotStored:
    return NotStored(f"not stored: {_reason(error) or error}")
