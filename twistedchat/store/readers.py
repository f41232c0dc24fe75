"""Reading, beside whoever writes."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from threading import local
from typing import TYPE_CHECKING

from twistedchat.chat.conversations import DIRECT
from twistedchat.chat.errors import NotStored
from twistedchat.store.files import sync
from twistedchat.store.moderation import last_audited
from twistedchat.store.rows import SEQ_BITS, SEQ_MOST, entry_of
from twistedchat.store.search import find

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from twistedchat.chat.events import Entry
    from twistedchat.chat.log import Search

MAIL_MOST = 1000
"""How many private messages wait for one account at most; of more, the last."""

_PAGE = """
    SELECT place, id, at, by, cid, event FROM entry
    WHERE place > (SELECT num << ? FROM stream WHERE name = ?) + ?
      AND place <= (SELECT num << ? FROM stream WHERE name = ?) + ?
    ORDER BY place LIMIT ?
"""
_CONVERSATIONS = """
    SELECT name FROM stream WHERE name > ?1 || ?2 || '|' AND name < ?1 || ?2 || '}'
    UNION SELECT name FROM stream WHERE substr(name, instr(name, '|') + 1) = ?2 AND name GLOB 'direct:*'
"""
_MAIL = """
    SELECT s.name, e.place, e.id, e.at, e.by, e.cid, e.event
    FROM mail m JOIN account a ON a.id = m.person JOIN entry e ON e.place = m.place
    JOIN stream s ON s.num = m.place >> ?
    WHERE m.person = ? AND m.id > a.seen ORDER BY m.id DESC LIMIT ?
"""


class Readers:
    """Connections that only read, one a thread."""

    def __init__(self, path: Path) -> None:
        self._uri = f"{path.absolute().as_uri()}?mode=ro"
        self._mine = local()
        self._all: list[sqlite3.Connection] = []

    def page(self, stream: str, after: int, upto: int, limit: int) -> Sequence[Entry]:
        """Return what is kept of `stream` with `after` < seq <= `upto`, ascending."""
        after, upto = min(after, SEQ_MOST), min(upto, SEQ_MOST)  # beyond that stands the next stream
        rows = self._db.execute(_PAGE, (SEQ_BITS, stream, after, SEQ_BITS, stream, upto, limit)).fetchall()
        return [entry_of(stream, row) for row in rows]

    def head(self, stream: str) -> int:
        """Return the last `seq` of the stream."""
        row = self._db.execute("SELECT head FROM stream WHERE name = ?", (stream,)).fetchone()
        return row[0] if row else 0

    def search(self, search: Search) -> Sequence[Entry]:
        """Return the messages that are found, newest first."""
        return find(self._db, search)

    def conversations(self, person: str) -> Sequence[str]:
        """Return the streams of the private conversations that the person has had."""
        return [name for (name,) in self._db.execute(_CONVERSATIONS, (DIRECT, person))]

    def mail(self, person: str) -> Sequence[Entry]:
        """Return the private messages that the account has not been told of, oldest first."""
        rows = self._db.execute(_MAIL, (SEQ_BITS, person, MAIL_MOST)).fetchall()
        return [entry_of(row[0], row[1:]) for row in reversed(rows)]

    def audit(self, limit: int) -> Sequence[Entry]:
        """Return the last acts of moderation, oldest first."""
        return last_audited(self._db, limit)

    def person(self, secret_hash: str) -> str:
        """Return whose secret that is, "" for nobody's."""
        row = self._db.execute("SELECT person FROM secret WHERE hash = ?", (secret_hash,)).fetchone()
        return row[0] if row else ""

    def password(self, account: str) -> str:
        """Return the hash of the account's password, "" where there is no such account."""
        row = self._db.execute("SELECT hash FROM account WHERE id = ?", (account,)).fetchone()
        return row[0] if row else ""

    def backup(self, path: Path, at: int) -> str:
        """Copy the database beside itself, named by the time `at` (ms, in UTC); return the path of the copy."""
        when = datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%d-%H%M%S")
        copy = path.absolute().with_name(f"{path.stem}-{when}{path.suffix}")
        try:
            self._db.execute("VACUUM INTO ?", (str(copy),))
            sync(copy)
        except (sqlite3.Error, OSError) as error:
            raise NotStored(f"no backup was made: {error}") from error
        return str(copy)

    def close(self) -> None:
        """Let go of the database."""
        for db in self._all:
            db.close()

    @property
    def _db(self) -> sqlite3.Connection:
        if not hasattr(self._mine, "db"):
            self._mine.db = sqlite3.connect(self._uri, uri=True, isolation_level=None, check_same_thread=False)
            self._all.append(self._mine.db)
        db: sqlite3.Connection = self._mine.db
        return db
