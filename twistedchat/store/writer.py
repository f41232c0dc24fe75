"""What happens inside a commit: places are given, and all that waits becomes one transaction."""

from __future__ import annotations

import sqlite3
from functools import cache
from typing import TYPE_CHECKING, TypeAlias

import msgspec
from msgspec import Struct

from twistedchat.chat.errors import ChatError, NickTaken, NotStored, OutcomeUnknown
from twistedchat.chat.events import Arrived, Departed, Entry, Kept, Opened, Renamed, Repeated, TopicSet

if TYPE_CHECKING:
    from collections.abc import Sequence

    from twistedchat.chat.events import Event, Outcome, Proposal

SEQ_BITS = 40
"""How many bits of a row's place are its seq; the stream's number stands above them."""

_encode = msgspec.json.Encoder().encode
decode = msgspec.json.Decoder(Kept).decode
"""Returns the event that was stored, or raises `msgspec.DecodeError` or `ValueError`."""

ROWS_TOGETHER = 64
"""How many rows one statement inserts at most; a row costs half as much as alone."""

Values: TypeAlias = list[int | str | None]
"""Rows one after another: place, id, at, by, cid, event."""

_COLUMNS = 6
_GUEST = """
    INSERT INTO guest (id, secret_hash, nick, seen, here) VALUES (?, ?, ?, ?, 1)
    ON CONFLICT (id) DO UPDATE SET nick = excluded.nick, seen = excluded.seen, here = 1
"""


@cache
def _insert(rows: int) -> str:
    marks = ", ".join(["(?, ?, ?, ?, ?, ?)"] * rows)
    return f"INSERT INTO entry (place, id, at, by, cid, event) VALUES {marks}"  # noqa: S608 - nothing but marks


class Head(Struct):
    """Where a stream stands: its number, the last seq given, the time last shown."""

    num: int
    seq: int
    at: int


class Writer:
    """The one that writes; everything here runs in the log's thread, a batch at a time.

    What a transaction has changed of the heads and the id holds when it has been
    committed, and not before; what it has changed of the claims it can undo.
    """

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._heads: dict[str, Head] = {}
        self._claims: dict[str, str] = {}
        self._id = int(db.execute("SELECT value FROM meta WHERE name = 'id'").fetchone()[0])

    def commit(self, batch: Sequence[Proposal]) -> list[Outcome]:
        """Commit the batch and return an outcome for each proposal, in their order."""
        transaction = _Transaction(self._db, self._heads, self._claims, self._id)
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
        self._heads.update(transaction.heads)
        self._id = transaction.id
        return outcomes

    def refuse(self, batch: Sequence[Proposal], error: sqlite3.Error) -> list[Outcome]:
        """Refuse all but the departures: whoever has gone is gone, and the next start finds their guest away."""
        return [self._departed(each) or _refusal(error) for each in batch]

    def _departed(self, proposal: Proposal) -> Entry | None:
        if not isinstance(proposal.event, Departed):
            return None
        for claim in proposal.releases:
            if self._claims.get(claim) == proposal.by:
                del self._claims[claim]
        return Entry(proposal.event, proposal.stream, 0, 0, proposal.at, proposal.by)


class _Transaction:
    """One batch on its way into the database."""

    def __init__(self, db: sqlite3.Connection, heads: dict[str, Head], claims: dict[str, str], last_id: int) -> None:
        self._db = db
        self._before = heads
        self._id_before = self.id = last_id
        self._claims = claims
        self._claimed: list[tuple[str, str | None]] = []
        self.heads: dict[str, Head] = {}

    def undo(self) -> None:
        """Leave everything as it was before."""
        if self._db.in_transaction:
            self._db.execute("ROLLBACK")
        self.heads = {}
        self.id = self._id_before
        self._unclaim(0)

    def run(self, batch: Sequence[Proposal]) -> list[Outcome]:
        """Place all of them, and return what became of each; the transaction is left open."""
        try:
            outcomes = self._place_together(batch)
        except sqlite3.IntegrityError:
            self.undo()
            outcomes = [self._place_alone(proposal) for proposal in batch]
        if self.heads:
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

    def _place_alone(self, proposal: Proposal) -> Outcome:
        """Place one whose batch has a member that the database refuses; it is refused by itself."""
        if proposal.event.kept and proposal.cid:
            known = self._repeated(proposal)
            if known is not None:
                return known
        self._begin()
        self._db.execute("SAVEPOINT one")
        values: Values = []
        claimed, last_id = len(self._claimed), self.id
        head = self.heads.get(proposal.stream)
        head = head and Head(head.num, head.seq, head.at)
        try:
            outcome = self._place(proposal, values)
            self._insert(values)
        except sqlite3.IntegrityError as error:
            self._db.execute("ROLLBACK TO one")
            self._unclaim(claimed)
            self.id = last_id
            self.heads.pop(proposal.stream, None)
            if head is not None:
                self.heads[proposal.stream] = head
            outcome = NotStored(f"not stored: {error}")
        self._db.execute("RELEASE one")
        return outcome

    def _place(self, proposal: Proposal, values: Values) -> Outcome:
        if proposal.claims or proposal.releases:
            taken = self._claim(proposal)
            if taken is not None:
                return taken
        event = proposal.event
        if not event.kept:
            self._project(event, proposal)
            return Entry(event, proposal.stream, 0, 0, proposal.at, proposal.by)
        head = self.heads.get(proposal.stream) or self._head(proposal.stream)
        head.seq += 1
        if proposal.at > head.at:  # noqa: PLR1730 - max() costs more, and this is done for every message
            head.at = proposal.at
        self.id += 1
        place = head.num << SEQ_BITS | head.seq
        values += (place, self.id, head.at, proposal.by, proposal.cid or None, _encode(event).decode())
        if type(event) is TopicSet:
            self._execute("UPDATE room SET topic = ? WHERE stream = ?", event.text, proposal.stream)
        return Entry(event, proposal.stream, head.seq, self.id, head.at, proposal.by, proposal.cid)

    def _claim(self, proposal: Proposal) -> ChatError | None:
        for claim in proposal.claims:
            if self._claims.get(claim, proposal.by) != proposal.by:
                return NickTaken(f"{claim.partition(':')[2]} is taken.")
        for claim in proposal.releases:
            if self._claims.get(claim) != proposal.by:
                continue
            self._claimed.append((claim, self._claims.pop(claim, None)))
        for claim in proposal.claims:
            self._claimed.append((claim, self._claims.get(claim)))
            self._claims[claim] = proposal.by
        return None

    def _unclaim(self, down_to: int) -> None:
        while len(self._claimed) > down_to:
            claim, owner = self._claimed.pop()
            if owner is None:
                self._claims.pop(claim, None)
            else:
                self._claims[claim] = owner

    def _repeated(self, proposal: Proposal) -> Repeated | None:
        row = self._db.execute(
            "SELECT place, id, at, by, cid, event, (SELECT name FROM stream WHERE num = place >> ?)"
            " FROM entry WHERE by = ? AND cid = ?",
            (SEQ_BITS, proposal.by, proposal.cid),
        ).fetchone()
        return row and Repeated(entry_of(row[6], row[:6]))

    def _project(self, event: Event, proposal: Proposal) -> None:
        """Keep what must be known at the next start, in the same transaction as the event itself."""
        match event:
            case Opened(name=name, owner=owner):
                if not owner:  # a guest's room is gone at the next start
                    self._execute("INSERT INTO room (stream, name) VALUES (?, ?)", proposal.stream, name)
                if proposal.stream not in self.heads:
                    self._head(proposal.stream)
            case Arrived(nick=nick, guest=guest, secret_hash=secret_hash) if secret_hash:
                self._execute(_GUEST, guest, secret_hash, nick, proposal.at)
            case Renamed(to=nick):
                self._execute("UPDATE guest SET nick = ? WHERE id = ?", nick, proposal.by)
            case Departed(guest=guest, held=True):
                self._execute("UPDATE guest SET seen = ?, here = 0 WHERE id = ?", proposal.at, guest)
            case Departed(guest=guest, returns=True):
                self._execute("UPDATE guest SET seen = ?, here = 0, nick = '' WHERE id = ?", proposal.at, guest)

    def _execute(self, statement: str, *values: str | int) -> None:
        self._begin()
        self._db.execute(statement, values)

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
                self._execute("INSERT INTO stream (name) VALUES (?)", stream)
                row = self._db.execute(find, (stream,)).fetchone()
            known = Head(*row)
        head = self.heads[stream] = Head(known.num, known.seq, known.at)
        return head


def entry_of(stream: str, row: tuple[int, int, int, str, str | None, str]) -> Entry:
    """Make an `Entry` of a row: place, id, at, by, cid, event."""
    place, number, at, by, cid, event = row
    return Entry(decode(event), stream, place & (1 << SEQ_BITS) - 1, number, at, by, cid or "")


def _reason(error: sqlite3.Error) -> str:
    """Return why nothing was stored where SQLite can be sure of that even when a COMMIT fails, or ""."""
    reasons = {sqlite3.SQLITE_FULL: "the disk is full", sqlite3.SQLITE_BUSY: "the database is locked"}
    return reasons.get(getattr(error, "sqlite_errorcode", 0) & 0xFF, "")


def _refusal(error: sqlite3.Error) -> NotStored:
    return NotStored(f"not stored: {_reason(error) or error}")
