"""Rooms, as far as they have been read: what is old, what is next, what is missing."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import Enum, auto
from functools import partial

from twisted.internet.defer import Deferred

from twistedchat.client import wire
from twistedchat.client.exchange import Exchange, RefusedError
from twistedchat.client.listener import Listener

_PLACE_IS_GONE = frozenset({"epoch_changed", "cursor_ahead", "gap_expired"})


class Turn(Enum):
    """What a numbered event is to a reader."""

    OLD = auto()
    NEXT = auto()
    TOO_FAR = auto()


@dataclass
class Stream:
    """One room.

    ``cursor`` is the last ``seq`` that was handled, None before the first; ``floor``
    is what had been seen already when the cursor had to be given up.
    """

    room: str
    rid: str | None = None
    cursor: int | None = None
    floor: int = 0
    seen: bool = False
    joined: bool = False
    live: bool = False
    catching_up: bool = False
    waiting: list[Deferred[wire.Ok]] = field(default_factory=list)

    def take(self, seq: int) -> Turn:
        """Say what to do with an event, and move on if it is the next one."""
        if self.cursor is not None and seq > self.cursor + 1:
            return Turn.TOO_FAR
        if self.cursor is not None and seq <= self.cursor:
            return Turn.OLD
        self.cursor = seq
        return Turn.OLD if seq <= self.floor else Turn.NEXT

    def complete(self, seq: int) -> None:
        """Take note that everything up to ``seq`` has been replayed."""
        self.live = True
        self.catching_up = False
        self.cursor = max(seq, self.cursor or 0)

    def join_request(self) -> wire.Request:
        """Ask for what is missing, or for the last few lines if all is new."""
        request: wire.Request = {"op": "join", "room": self.room}
        if self.cursor is not None:
            request["after"] = self.cursor
            if self.rid is not None:
                request["rid"] = self.rid
        return request

    def start_over(self, *, keep_floor: bool) -> None:
        """Forget the place; ``keep_floor``: what was seen is still numbered as it was."""
        self.floor = max(self.floor, self.cursor or 0) if keep_floor else 0
        self.cursor = None
        self.rid = None

    def disconnect(self) -> None:
        """Take note that nobody sends anything for now."""
        self.joined = self.live = self.catching_up = False


class Rooms:
    """The rooms that a session is in, over all its connections.

    ``moved`` is called when a room has been joined, refused or caught up.
    ``missing`` is the code of the first reason why a room could not be resumed
    without a gap, or empty.
    """

    def __init__(self, exchange: Exchange, listener: Listener, moved: Callable[[], None]) -> None:
        self.missing = ""
        self._moved = moved
        self._streams: dict[str, Stream] = {}
        self._exchange = exchange
        self._listener = listener

    @property
    def all_joined(self) -> bool:
        """Whether none of them waits for the server's word."""
        return all(stream.joined for stream in self._streams.values())

    @property
    def all_live(self) -> bool:
        """Whether all of them are replayed up to now."""
        return all(stream.live for stream in self._streams.values())

    def __contains__(self, room: str) -> bool:
        return room in self._streams

    def __bool__(self) -> bool:
        return bool(self._streams)

    def __iter__(self) -> Iterator[str]:
        return iter(list(self._streams))

    def add(self, room: str) -> Deferred[wire.Ok]:
        """Want to be in a room; fires at the server's word, fails with `RefusedError`."""
        done: Deferred[wire.Ok] = Deferred()
        self._streams.setdefault(room, Stream(room)).waiting.append(done)
        return done

    def join(self, room: str) -> None:
        """Ask the server to be let in, or to be told what is missing, unless that is under way."""
        stream = self._streams[room]
        if stream.catching_up:
            return
        stream.live = False
        stream.catching_up = True
        self._exchange.ask(stream.join_request(), partial(self._joined, stream))

    def forget(self, room: str) -> None:
        """Be in a room no more."""
        self._streams.pop(room, None)

    def disconnect(self) -> None:
        """Take note that the connection broke."""
        for stream in self._streams.values():
            stream.disconnect()

    def start_over(self, why: str) -> None:
        """Forget all places: they mean nothing to this server any more."""
        self.missing = self.missing or why
        for stream in self._streams.values():
            stream.start_over(keep_floor=False)

    def take(self, event: wire.Said | wire.Emoted | wire.Other) -> None:
        """Pass on an event that is the next of its room; ask again if one is missing before it."""
        stream = self._streams.get(event.room)
        if stream is None or event.seq == 0:
            return
        turn = stream.take(event.seq)
        if turn is Turn.NEXT and not isinstance(event, wire.Other):
            self._listener.heard(event, replayed=not stream.live)
        elif turn is Turn.TOO_FAR and not stream.catching_up:
            self.join(event.room)

    def caught_up(self, event: wire.Live) -> None:
        """Take note that a replay is complete."""
        stream = self._streams.get(event.room)
        if stream is not None:
            stream.complete(event.seq)
            self._listener.live(event.room)
            self._moved()

    def _joined(self, stream: Stream, reply: wire.Reply) -> None:
        if isinstance(reply, wire.Error):
            self._refused(stream, reply)
        elif isinstance(reply, wire.Ok):
            stream.joined, stream.rid = True, reply.rid
            self._rename(stream, reply.room or stream.room)
            if stream.cursor is None and reply.head == 0:
                stream.cursor = 0
            if not stream.seen:
                stream.seen = True
                self._listener.entered(reply)
            stream.waiting, waiting = [], stream.waiting
            for done in waiting:
                done.callback(reply)
        self._moved()

    def _rename(self, stream: Stream, room: str) -> None:
        """Know a room by the name that the server has for it."""
        self._streams.pop(stream.room, None)
        stream.room = room
        self._streams[room] = stream

    def _refused(self, stream: Stream, error: wire.Error) -> None:
        stream.catching_up = False
        if error.code in _PLACE_IS_GONE and stream.cursor is not None:
            self.missing = self.missing or error.code
            stream.start_over(keep_floor=error.code == "gap_expired")
            self.join(stream.room)
            return
        self.forget(stream.room)
        if not stream.waiting:
            self._listener.refused(error)
        for done in stream.waiting:
            done.errback(RefusedError(error))
