"""What writes into a transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import sqlite3

Value: TypeAlias = str | int | None


class Pen:
    """Writes and reads inside the transaction, which begins when something is written and not before."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def begin(self) -> None:
        """Begin the transaction, where it has not been begun."""
        if not self._db.in_transaction:
            self._db.execute("BEGIN IMMEDIATE")

    def write(self, statement: str, *values: Value) -> int:
        """Write, and return how many rows that has changed."""
        self.begin()
        return self._db.execute(statement, values).rowcount

    def first(self, query: str, *values: Value) -> sqlite3.Row | None:
        """Return the first row of what is found, if there is any."""
        row: sqlite3.Row | None = self._db.execute(query, values).fetchone()
        return row

    def all(self, query: str, *values: Value) -> list[sqlite3.Row]:
        """Return all rows of what is found."""
        return self._db.execute(query, values).fetchall()
