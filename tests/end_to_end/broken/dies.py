"""A server that ends by itself after a while."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tests.end_to_end.broken.served import serve
from twistedchat.store.sqlite import SqliteLog

if TYPE_CHECKING:
    from collections.abc import Sequence

    from twistedchat.chat.events import Outcome, Proposal

COMMITS = 40


class Dies(SqliteLog):
    _commits = 0

    def _commit(self, batch: Sequence[Proposal]) -> list[Outcome]:
        self._commits += 1
        if self._commits > COMMITS:
            os._exit(7)
        return super()._commit(batch)


serve(Dies)
