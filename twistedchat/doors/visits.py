"""The visits at one door, and what is told to single ones of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twistedchat.chat.acts import Reloaded
from twistedchat.chat.events import Entry, Left

if TYPE_CHECKING:
    from collections.abc import Sequence

    from twistedchat.chat.door import News
    from twistedchat.chat.events import Placed, Settled
    from twistedchat.chat.prefs import Prefs
    from twistedchat.chat.session import Session
    from twistedchat.dialects.wire import Farewell
    from twistedchat.doors.visit import Visit


class Visits:
    """The visits by their sessions, from when one asks for its name until it is over."""

    def __init__(self) -> None:
        self._all: dict[Session, Visit] = {}

    def __len__(self) -> int:
        return len(self._all)

    def add(self, session: Session, visit: Visit) -> None:
        """Have the visit under its session."""
        self._all[session] = visit

    def remove(self, session: Session) -> None:
        """Have it no more."""
        self._all.pop(session, None)

    def prefer(self, session: Session, prefs: Prefs) -> None:
        """Have the visit of that session told things in this manner, if it is one of these."""
        if session in self._all:
            self._all[session].prefer(prefs)

    def dismiss(self, session: Session, farewell: Farewell) -> None:
        """End the visit of that session, if it is one of these."""
        if session in self._all:
            self._all[session].dismissed(farewell)

    def acks(self, settled: Sequence[Settled]) -> dict[Session, list[bytes]]:
        """Return what each sender is told of what became of their messages."""
        acks: dict[Session, list[bytes]] = {}
        for proposal, outcome in settled:
            asker = proposal.asker
            visit = asker and self._all.get(asker)
            if asker and visit and proposal.event.kept and (frame := visit.settled(proposal, outcome)):
                acks.setdefault(asker, []).append(frame)
        return acks

    def tell(self, direct: Sequence[tuple[Placed, list[Session]]], acks: dict[Session, list[bytes]]) -> None:
        """Tell what is for a few people only, each after their acks."""
        for (proposal, entry), sessions in direct:
            for session in self._all.keys() & sessions:
                if frame := self._all[session].private(entry, own=session is proposal.asker):
                    acks.setdefault(session, []).append(frame)
        for session, frames in acks.items():
            self._all[session].put(b"".join(frames))

    def put_out(self, news: News) -> None:
        """Have those who were taken out of a room hear it no more, now that they have been told."""
        happened = (entry.event for _, entry in news.settled if type(entry) is Entry)
        asked = {event.session for event in happened if type(event) is Left}
        for room, sessions in news.out.items():
            for session in self._all.keys() & sessions:
                heard = news.rooms.get(room, [])[: sessions[session]]
                last = heard[-1][1] if heard else None
                # by a ban of the server it was put out of all of them, and is told why
                ends = last is not None and not last.stream and type(last.event) is not Reloaded
                self._all[session].put_out(room, last, quietly=ends or session.id in asked)
