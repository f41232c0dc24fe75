"""A log that tells of what is kept in two parts, one of them before the commit."""

from __future__ import annotations

import sqlite3
import time
from functools import partial
from typing import TYPE_CHECKING, TypeGuard
from unittest.mock import patch

from msgspec import structs
from twisted.internet import reactor  # noqa: TID251 - a broken server reaches for what it is not given
from twisted.internet.base import ReactorBase

from twistedchat.chat.events import Entry, Repeated
from twistedchat.store.sqlite import SqliteLog

if TYPE_CHECKING:
    from collections.abc import Sequence

    from twistedchat.chat.events import Outcome, Proposal, Settled
    from twistedchat.chat.log import OnBatch, Remembered

LATE_SECONDS = 0.05
"""How much later than the first part the commit is."""


class Held(sqlite3.Connection):
    """A connection that can be kept from committing."""

    held = False

    def execute(self, sql: str, *parameters: object) -> sqlite3.Cursor:
        return super().execute("SELECT 1" if self.held and sql == "COMMIT" else sql, *parameters)  # type: ignore[arg-type]


class Early(SqliteLog):
    """Tells some in `early` what the others learn in `late`."""

    def __init__(self, *path: object, **settings: object) -> None:
        with patch.object(sqlite3, "connect", partial(sqlite3.connect, factory=Held)):
            super().__init__(*path, **settings)  # type: ignore[arg-type]

    def early(self, proposal: Proposal, entry: Entry) -> Settled:
        raise NotImplementedError

    def late(self, proposal: Proposal, entry: Entry) -> Settled:
        raise NotImplementedError

    def start(self, on_batch: OnBatch, at: int) -> Remembered:
        self._tell = on_batch
        return super().start(self._tell_late, at)

    def _commit(self, batch: Sequence[Proposal]) -> list[Outcome]:
        db = self._db
        assert isinstance(db, Held)
        assert isinstance(reactor, ReactorBase)
        db.held = True
        outcomes = super()._commit(batch)
        db.held = False
        if db.in_transaction:
            settled = zip(batch, outcomes, strict=True)
            early = [self.early(each, entry) for each, entry in settled if is_kept(entry)]
            reactor.callFromThread(self._tell, early)
            time.sleep(LATE_SECONDS)
            db.execute("COMMIT")
        return outcomes

    def _tell_late(self, settled: Sequence[Settled]) -> None:
        self._tell([self.late(each, entry) if is_kept(entry) else (each, entry) for each, entry in settled])


def is_kept(outcome: Outcome) -> TypeGuard[Entry]:
    return isinstance(outcome, Entry) and outcome.event.kept


def answered(proposal: Proposal, entry: Entry) -> Settled:
    """Return what has the sender told, and nobody else."""
    return proposal, Repeated(entry)


def shown(proposal: Proposal, entry: Entry) -> Settled:
    """Return what has everybody told but the sender."""
    return structs.replace(proposal, asker=None), entry
