"""Searching: the index is asked, and what is not in it yet is read."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from itertools import islice
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple

from msgspec import structs

from twistedchat.chat.errors import SlowDown
from twistedchat.store.messages import Index, Message, room_token
from twistedchat.store.pen import Pen
from twistedchat.store.rows import SEQ_BITS, entry_of, event_of, place_of, seq_of
from twistedchat.store.upkeep import DAY_MS
from twistedchat.store.words import any_of, clean, has_letters, indexed, query

if TYPE_CHECKING:
    from collections.abc import Iterator

    from twistedchat.chat.events import Entry
    from twistedchat.chat.log import Search
    from twistedchat.store.rows import Row

SECONDS_MOST = 0.25
"""How long a search may take."""
TAIL_MOST = 5000
"""How many entries that are not in the index yet are looked through."""
FEW, WORTH = 16, 4
"""A room costs in the index as much as a word does, so rooms are asked of it only where that leaves out enough: where
n rooms hold less than 4/n of all there is, and a few less than a quarter. Else what is found is sifted."""
INSTRUCTIONS = 1000
"""After how many of SQLite's own instructions it is asked whether it takes too long."""
TOO_LONG = "That is found too often: add a word, from: or in:."
NOT_YET = "The search index is still being made: try again in a moment."

_FOUND = """
    SELECT entry.place, entry.id, at, by, cid, event
    FROM words CROSS JOIN found ON found.id = words.rowid CROSS JOIN entry ON entry.place = found.place
    WHERE words MATCH ? AND words.rowid BETWEEN ? AND ? AND found.place >> ? IN (SELECT value FROM json_each(?))
    ORDER BY words.rowid DESC
"""
_IDS = "SELECT (SELECT min(first) FROM day WHERE day >= ?), (SELECT max(last) FROM day WHERE day <= ?)"
_TAIL = "SELECT place, id, at, by, cid, event FROM entry WHERE place > ? AND place < ?"
_INDEX = "INSERT INTO words (rowid, text, nick, room) VALUES (?, ?, ?, ?)"
_MATCHING = "SELECT rowid FROM words WHERE words MATCH ?"


class _Stream(NamedTuple):
    """A stream that is looked into: its name, and from after which `seq` on; what is after `tail` is not indexed."""

    name: str
    floor: int
    head: int
    tail: int


def find(db: sqlite3.Connection, search: Search) -> list[Entry]:
    """Return what is found, newest first; raise `SlowDown` where it takes too long, `TooLong` where it asks too much.

    `db` only reads. What was committed before is found, whether it is in the index by
    now or not.
    """
    finding = _Finding(db, search)
    until = monotonic() + SECONDS_MOST
    db.set_progress_handler(lambda: monotonic() > until, INSTRUCTIONS)
    try:
        db.execute("BEGIN")
        return finding.entries()
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
            raise
        raise SlowDown(TOO_LONG) from None
    finally:
        db.set_progress_handler(None, 0)
        if db.in_transaction:
            db.execute("ROLLBACK")


class _Finding:
    """One search, within one transaction."""

    def __init__(self, db: sqlite3.Connection, search: Search) -> None:
        words = clean(search.words)
        self._db = db
        self._pen = Pen(db)
        self._index = Index(self._pen)
        self._search = search
        self._nick = search.nick.casefold()
        self._asked = [asked for asked in (query("text", words), query("nick", clean([search.nick]))) if asked]
        # what the index does not know, an emoji or an arrow, is looked for in what it finds
        self._signs = [word.casefold() for word in words if not has_letters(word)]
        self._streams: dict[int, _Stream] = {}

    def entries(self) -> list[Entry]:
        """Return what is found, newest first."""
        for name, floor in self._search.where.items():
            row = self._pen.first("SELECT num, head, indexed FROM stream WHERE name = ?", name)
            if row and row[1] > floor:
                self._streams[row[0]] = _Stream(name, floor, row[1], max(row[2], floor))
        if not self._streams:
            return []
        found = [*islice(self._in_index(), self._search.limit), *self._in_tails()]
        found.sort(key=lambda entry: entry.id, reverse=True)
        return found[: self._search.limit]

    def _in_index(self) -> Iterator[Entry]:
        first, last = self._ids()
        asked = " AND ".join(f"({each})" for each in (*self._asked, *self._rooms()))
        rooms = json.dumps(list(self._streams))
        for row in self._db.execute(_FOUND, (asked, first, last, SEQ_BITS, rooms)):
            stream = self._streams.get(row[0] >> SEQ_BITS)
            if stream is not None and seq_of(row[0]) > stream.floor:
                yield from self._fitting(stream, row)

    def _rooms(self) -> Iterator[str]:
        """Yield what the index is asked of the rooms, where that leaves out enough to be worth it."""
        (last,) = self._db.execute("SELECT value FROM meta WHERE name = 'id'").fetchone()
        held = sum(each.head for each in self._streams.values())
        if not self._asked or held * max(FEW, len(self._streams)) < int(last) * WORTH:
            yield any_of("room", (room_token(number) for number in self._streams))

    def _ids(self) -> tuple[int, int]:
        """Return between which ids, in the index, everything is that was said at the time that is asked for."""
        days = self._search.after // DAY_MS, (self._search.before - 1) // DAY_MS
        first, last = self._db.execute(_IDS, days).fetchone()
        return first or 0, last or 0

    def _in_tails(self) -> list[Entry]:
        """Return what is found among what is not in the index yet, by an index made of that alone."""
        tails = {number: each for number, each in self._streams.items() if each.head > each.tail}
        if sum(each.head - each.tail for each in tails.values()) > TAIL_MOST:
            raise SlowDown(NOT_YET)
        rows: dict[int, tuple[_Stream, Row]] = {}
        for number, stream in tails.items():
            for row in self._db.execute(_TAIL, (place_of(number, stream.tail), place_of(number + 1, 0))):
                rows[row[1]] = stream, row
        if not rows:
            return []
        ids = self._matching([row for _, row in rows.values()]) if self._asked else list(rows)
        return [entry for id_ in ids for entry in self._fitting(*rows[id_])]

    def _matching(self, rows: list[Row]) -> list[int]:
        """Return the ids of those rows in which the words are, as the index would find them."""
        (table,) = self._db.execute("SELECT sql FROM sqlite_schema WHERE name = 'words'").fetchone()
        with closing(sqlite3.connect(":memory:", isolation_level=None)) as own:
            own.execute(table)
            own.execute("BEGIN")
            own.executemany(_INDEX, self._texts(rows))
            asked = " AND ".join(f"({each})" for each in self._asked)
            return [id_ for (id_,) in own.execute(_MATCHING, (asked,))]

    def _texts(self, rows: list[Row]) -> Iterator[tuple[int, str, str, str]]:
        for place, id_, _, _, _, event_json in rows:
            event = event_of(event_json)
            if isinstance(event, Message):
                yield id_, indexed(self._index.says(place, event)), indexed(event.nick), ""

    def _fitting(self, stream: _Stream, row: Row) -> Iterator[Entry]:
        """Give the message of that row, as it was edited last, if it is what is looked for."""
        search = self._search
        if not search.after <= row[2] < search.before:
            return
        entry = entry_of(stream.name, row)
        event = entry.event
        if not isinstance(event, Message) or (self._nick and event.nick.casefold() != self._nick):
            return
        text = self._index.says(row[0], event)
        if all(sign in text.casefold() for sign in self._signs):
            yield structs.replace(entry, event=structs.replace(event, text=text))
