"""A server whose pages begin one message late for those who resume."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.end_to_end.broken.served import serve
from twistedchat.doors.hearing import PAGE
from twistedchat.store.sqlite import SqliteLog

if TYPE_CHECKING:
    from collections.abc import Sequence

    from twisted.internet.defer import Deferred

    from twistedchat.chat.events import Entry


class LeavesGaps(SqliteLog):
    def read(self, stream: str, after: int, upto: int, limit: int) -> Deferred[Sequence[Entry]]:
        page = super().read(stream, after, upto, limit)
        return page.addCallback(lambda entries: entries[1:] or entries) if after % PAGE else page


serve(LeavesGaps)
