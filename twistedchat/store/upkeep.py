"""What is done to the database in small steps beside the commits: the index is made, and the old is forgotten."""

from __future__ import annotations

from contextlib import contextmanager
from itertools import takewhile
from typing import TYPE_CHECKING, NamedTuple

from twistedchat.chat.conversations import DIRECT
from twistedchat.store.messages import Index, Message
from twistedchat.store.pen import Pen
from twistedchat.store.rows import SEQ_BITS, event_of, place_of, seq_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from twistedchat.chat.acts import Kept

INDEXED_TOGETHER, CHARACTERS_TOGETHER = 128, 16 * 1024
"""How many rows, and how much text, one step puts into the index at most: a few milliseconds' worth."""
FORGOTTEN_TOGETHER = 250
"""How many rows one step forgets at most."""
PAGES_TOGETHER = 16
"""How many pages of the index one step merges at most; a step that puts rows there makes some three."""
DAY_MS = 86_400_000

_ROWS = "SELECT place, id, at, event FROM entry WHERE place > ? AND place < ? ORDER BY place LIMIT ?"
_MERGE = "INSERT INTO words (words, rank) VALUES ('merge', ?)"
_DAY = """
    INSERT INTO day (day, first, last) VALUES (?, ?, ?)
    ON CONFLICT (day) DO UPDATE SET first = min(first, excluded.first), last = max(last, excluded.last)
"""


class _Row(NamedTuple):
    place: int
    id: int
    at: int
    event: str


class Upkeep:
    """Everything here runs in the log's thread, between two batches.

    A step is a transaction of its own, and one that need not be on the disk at once:
    where it is lost in a power cut it is done again. `behind` has the numbers of the
    streams that are not wholly in the index.
    """

    def __init__(self, db: sqlite3.Connection, behind: dict[int, None]) -> None:
        self._db = db
        self._pen = Pen(db)
        self._index = Index(self._pen)
        self._unmerged = True
        self.behind = behind

    def index(self) -> bool:
        """Put some of what is not in the index there, or tidy the index; return whether there is more to do."""
        if not self.behind or self._unmerged:
            self._unmerged = False
            return self._merge() or bool(self.behind)
        self._unmerged = True
        with self._step():
            rows, done = self._next_rows()
            days: dict[int, tuple[int, int]] = {}
            for row in sorted(rows, key=lambda row: row.id):
                self._put(row, event_of(row.event))
                first, _ = days.setdefault(row.at // DAY_MS, (row.id, row.id))
                days[row.at // DAY_MS] = first, row.id
            self._db.executemany(_DAY, [(day, first, last) for day, (first, last) in days.items()])
        for number in done:
            del self.behind[number]
        return True

    def _merge(self) -> bool:
        """Make of several parts of the index one, as far as one step goes; return whether it did anything."""
        before = self._db.total_changes
        with self._step():
            self._pen.write(_MERGE, PAGES_TOGETHER)
        return self._db.total_changes - before > 1

    def _put(self, row: _Row, event: Kept) -> None:
        if isinstance(event, Message):
            text = self._index.says(row.place, event)
            self._index.put(row.place >> SEQ_BITS, row.id, row.place, event, text)

    def _next_rows(self) -> tuple[list[_Row], list[int]]:
        """Return rows that are not in the index, and the streams that have no others; note that they are in it."""
        found: list[_Row] = []
        done: list[int] = []
        characters = 0
        for number in self.behind:
            (indexed,) = self._db.execute("SELECT indexed FROM stream WHERE num = ?", (number,)).fetchone()
            left = INDEXED_TOGETHER - len(found)
            rows = self._rows(number, indexed, left)
            taken = 0
            for row in rows:
                characters += len(row.event)
                taken += 1
                if characters > CHARACTERS_TOGETHER:
                    break
            found += rows[:taken]
            if taken:
                self._pen.write("UPDATE stream SET indexed = ? WHERE num = ?", seq_of(rows[taken - 1].place), number)
            if taken < len(rows) or len(rows) == left:
                break
            done.append(number)
        return found, done

    def _rows(self, number: int, after: int, limit: int) -> list[_Row]:
        rows = self._pen.all(_ROWS, place_of(number, after), place_of(number + 1, 0), limit)
        return [_Row(*row) for row in rows]

    def forget(self, stream: str, before: int) -> int:
        """Forget some of what was said in a stream before that time; return the last `seq` that is, 0 for none."""
        known = self._pen.first("SELECT num FROM stream WHERE name = ?", stream)
        number = known[0] if known else 0
        rows = self._rows(number, 0, FORGOTTEN_TOGETHER) if number else []
        old = list(takewhile(lambda row: row.at < before, rows))
        if not old:
            return 0
        first, last = old[0].place, old[-1].place
        with self._step():
            for row in old:
                self._index.take(number, row.id, row.place, event_of(row.event))
            self._pen.write("DELETE FROM entry WHERE place BETWEEN ? AND ?", first, last)
            self._pen.write("DELETE FROM edit WHERE original BETWEEN ? AND ?", first, last)
            if stream.startswith(DIRECT):
                self._pen.write("DELETE FROM mail WHERE place BETWEEN ? AND ?", first, last)
            self._pen.write("UPDATE room SET expired = ? WHERE stream = ?", seq_of(last), stream)
            self._pen.write(_MERGE, PAGES_TOGETHER)
        return seq_of(last)

    @contextmanager
    def _step(self) -> Iterator[None]:
        """Commit what is done inside, without waiting for the disk, or take it back."""
        (synchronous,) = self._db.execute("PRAGMA synchronous").fetchone()
        self._db.execute("PRAGMA synchronous = NORMAL")
        try:
            self._pen.begin()
            yield
            self._db.execute("COMMIT")
        finally:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            self._db.execute(f"PRAGMA synchronous = {synchronous}")
