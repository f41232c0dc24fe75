"""Who hears a room, and how news reaches all of them at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from msgspec import structs

from twistedchat.chat.acts import RoomRenamed
from twistedchat.dialects.wire import is_hidden

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from twistedchat.chat.events import Placed
    from twistedchat.chat.room import Room
    from twistedchat.chat.session import Session
    from twistedchat.dialects.wire import Dialect, View

_NOBODY: Mapping[Session, int] = {}


class Ear(Protocol):
    """Whoever is told: an outbox, for the most part."""

    def put(self, chunk: bytes) -> None:
        """Take what is told."""
        ...


class Audience:
    """Those who hear one room in one dialect and from one view.

    They stand together because they are told the same bytes: a batch is encoded
    once, however many they are. Whoever has an exception in it (their own words,
    which they see already; an acknowledgement, which comes first; somebody whom they
    ignore; the end of their being here) gets their own cut of the same frames, in one
    send as well.
    """

    __slots__ = ("_ignoring", "_members", "dialect", "room", "view")

    def __init__(self, room: Room, dialect: Dialect, view: View) -> None:
        self.room = room
        self.dialect = dialect
        self.view = view
        self._members: dict[Session, Ear] = {}
        self._ignoring: dict[Session, Collection[str]] = {}

    def __len__(self) -> int:
        return len(self._members)

    def add(self, session: Session, ear: Ear) -> None:
        """Have them told everything from now on, but for what those say whom they ignore."""
        self._members[session] = ear
        ignoring = session.person.prefs.ignoring
        if ignoring:
            self._ignoring[session] = ignoring

    def remove(self, session: Session) -> None:
        """Tell them nothing more."""
        self._members.pop(session, None)
        self._ignoring.pop(session, None)

    def tell(
        self,
        news: Sequence[Placed],
        acks: Mapping[Session, list[bytes]],
        out: Mapping[Session, int] = _NOBODY,
        *,
        renamed: bool = False,
    ) -> list[Session]:
        """Tell all of them of the committed entries, and return who got their `acks` on the way.

        Who is taken `out` of the room with them hears only so many. It is known whether the
        room is `renamed` in the middle of them.
        """
        frames = self._renaming(news) if renamed else [self.dialect.encode(entry, self.view) for _, entry in news]
        chunk = b"".join(frames)
        if not chunk:
            return []
        others = self._members.copy()
        spans = {} if self.dialect.echo else _spans(frames, news)
        picky = self._picky(news, out) if self._ignoring or out else _NOBODY
        own = {
            session: others.pop(session)
            for session in (*spans, *acks, *picky)
            if session is not None and session in others
        }
        for ear in others.values():
            ear.put(chunk)
        for session, ear in own.items():
            if session in picky:
                rest = self._cut(session, frames, news[: picky[session]])
            else:
                rest = _without(chunk, spans.get(session, ()))
            cut = b"".join((*acks.get(session, ()), *rest))
            if cut:
                ear.put(cut)
        return list(own)

    def _renaming(self, news: Sequence[Placed]) -> list[bytes]:
        """Return the frames, in which the room has its other name after the entry that says so, and keeps it."""
        frames = []
        for _, entry in news:
            frames.append(self.dialect.encode(entry, self.view))
            if type(entry.event) is RoomRenamed:
                self.view = structs.replace(self.view, room=entry.event.to)
        return frames

    def _picky(self, news: Sequence[Placed], out: Mapping[Session, int]) -> dict[Session, int]:
        """Return who is not told all of it for other reasons than that it is their own, and how much they hear."""
        speakers = {entry.by for _, entry in news}
        picky = {
            session: len(news) for session, ignoring in self._ignoring.items() if not speakers.isdisjoint(ignoring)
        }
        return picky | {session: heard for session, heard in out.items() if session in self._members}

    def _cut(self, session: Session, frames: Sequence[bytes], news: Sequence[Placed]) -> Iterator[bytes]:
        """Yield what one of them is told of those entries, frame by frame."""
        ignoring = self._ignoring.get(session, ())
        for frame, (proposal, entry) in zip(frames, news, strict=False):
            if is_hidden(entry, ignoring):
                yield self.dialect.hidden(entry, self.view)
            elif self.dialect.echo or proposal.asker is not session:
                yield frame


def _spans(frames: Sequence[bytes], news: Sequence[Placed]) -> dict[Session | None, list[int]]:
    """Return for each author where in the joined frames their own words begin and end, in turns."""
    spans: dict[Session | None, list[int]] = {}
    begin = 0
    for frame, (proposal, _) in zip(frames, news, strict=True):
        end = begin + len(frame)
        edges = spans.setdefault(proposal.asker, [])
        if edges and edges[-1] == begin:
            edges[-1] = end
        else:
            edges += (begin, end)
        begin = end
    return spans


def _without(chunk: bytes, edges: Sequence[int]) -> Iterator[bytes]:
    """Yield what is left of the chunk between those spans."""
    begins, ends = (0, *edges[1::2]), (*edges[::2], len(chunk))
    return (chunk[begin:end] for begin, end in zip(begins, ends, strict=True))


class Audiences:
    """The audiences of one door, by room, dialect and view."""

    def __init__(self) -> None:
        self._by_room: dict[Room, dict[tuple[Dialect, View], Audience]] = {}

    def join(self, room: Room, dialect: Dialect, view: View, session: Session, ear: Ear) -> Audience:
        """Add the session to those who hear `room` in that dialect from that view, and return them."""
        audiences = self._by_room.setdefault(room, {})
        audience = audiences.setdefault((dialect, view), Audience(room, dialect, view))
        audience.add(session, ear)
        return audience

    def leave(self, audience: Audience, session: Session) -> None:
        """Take the session out of them; an audience that nobody is left of is kept no longer."""
        audience.remove(session)
        if not audience:
            audiences = self._by_room.get(audience.room, {})
            audiences.pop((audience.dialect, audience.view), None)
            if not audiences:
                self._by_room.pop(audience.room, None)

    def tell(
        self,
        news: Mapping[Room, Sequence[Placed]],
        acks: dict[Session, list[bytes]],
        out: Mapping[Room, Mapping[Session, int]],
    ) -> None:
        """Tell every room its news; whoever got their acks on the way is taken out of them.

        Of a room that somebody was taken `out` of they hear so many entries.
        """
        for room, placed in news.items():
            leaving = out.get(room, _NOBODY) if out else _NOBODY
            audiences = self._by_room.get(room, {})
            renamed = any(view.room != room.name for _, view in audiences)
            for audience in audiences.values():
                for session in audience.tell(placed, acks, leaving, renamed=renamed):
                    acks.pop(session, None)
            if renamed:
                self._by_room[room] = {(each.dialect, each.view): each for each in audiences.values()}
