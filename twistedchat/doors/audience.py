"""Who hears a room, and how news reaches all of them at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from twistedchat.chat.events import Placed
    from twistedchat.chat.session import Session
    from twistedchat.dialects.wire import Dialect, View


class Audience:
    """Those who hear one room in one dialect and from one view.

    They stand together because they are told the same bytes: a batch is encoded
    once, however many they are. Whoever has an exception in it (their own words,
    which they see already; an acknowledgement, which comes first) gets their own cut
    of the same frames, in one send as well.
    """

    __slots__ = ("_dialect", "_members", "_view")

    def __init__(self, dialect: Dialect, view: View) -> None:
        self._dialect = dialect
        self._view = view
        self._members: dict[Session, Callable[[bytes], None]] = {}

    def __len__(self) -> int:
        return len(self._members)

    def add(self, session: Session, put: Callable[[bytes], None]) -> None:
        """Have `put` called with everything that is told from now on."""
        self._members[session] = put

    def remove(self, session: Session) -> None:
        """Tell them nothing more."""
        self._members.pop(session, None)

    def tell(self, news: Sequence[Placed], acks: Mapping[Session, list[bytes]]) -> list[Session]:
        """Tell all of them of the committed entries, and return who got their `acks` on the way."""
        frames = [self._dialect.encode(entry, self._view) for _, entry in news]
        chunk = b"".join(frames)
        members = self._members
        if not chunk or not members:
            return []
        authors = set() if self._dialect.echo else {proposal.asker for proposal, _ in news}
        special = [session for session in {*authors, *acks} if session in members]
        if not special:
            for put in members.values():
                put(chunk)
            return []
        own = {session: members[session] for session in special if session is not None}
        for session, put in members.items():
            if session not in own:
                put(chunk)
        for session, put in own.items():
            cut = chunk
            if session in authors:
                cut = b"".join(
                    frame for frame, (proposal, _) in zip(frames, news, strict=True) if proposal.asker is not session
                )
            put(b"".join((*acks.get(session, ()), cut)))
        return list(own)
