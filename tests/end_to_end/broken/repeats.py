"""A server that does not know a message again by its cid."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import structs

from tests.end_to_end.broken.served import serve
from twistedchat.store.sqlite import SqliteLog

if TYPE_CHECKING:
    from twistedchat.chat.events import Proposal


class Repeats(SqliteLog):
    def append(self, proposal: Proposal) -> None:
        super().append(structs.replace(proposal, cid="") if proposal.cid else proposal)


serve(Repeats)
