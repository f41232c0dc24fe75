"""The rooms that somebody is in, over all connections, and the one of them where they talk."""

from collections.abc import Callable, Iterator
from functools import partial

from twisted.internet.defer import Deferred, succeed

from twistedchat.client import events, wire
from twistedchat.client.exchange import Exchange, RefusedError
from twistedchat.client.listener import Listener
from twistedchat.client.streams import Place, Stream, Turn

DISPLACED = "displaced"
"""Why something may be missing: a room is gone, or is not the one that it was."""

EXPIRED = "gap_expired"
"""Why something may be missing: the server does not keep it any more, or it is not for us."""

_PLACE_IS_GONE = frozenset({"epoch_changed", "cursor_ahead", EXPIRED})
_NOT_THERE_ANYHOW = frozenset({"no_room", "not_in_room"})


class Rooms:
    """Where each room's reader is, and whether the server has let us in.

    ``moved`` is called when a room has been joined, refused or caught up;
    ``lost`` with the name of a room that is not there any more, so that what was meant
    for those who were in it is said to nobody else. With ``remakes`` it is the name
    that counts: a room that is gone is made again. The lobby is always there.
    """

    def __init__(
        self,
        exchange: Exchange,
        listener: Listener,
        moved: Callable[[], None],
        lost: Callable[[str], None],
        *,
        remakes: bool = False,
    ) -> None:
        self.lobby = ""
        self.active = ""
        """Where what is typed goes: the last one to be joined again; empty for nowhere."""
        self.missing = ""
        """The code of the first reason why a room could not be resumed without a gap, or empty."""
        self._moved = moved
        self._lost = lost
        self._remakes = remakes
        self._streams: dict[str, Stream] = {}
        self._exchange = exchange
        self._listener = listener

    @property
    def all_joined(self) -> bool:
        """Whether none of them waits for the server's word."""
        return all(self._streams[room].joined for room in self)

    @property
    def all_live(self) -> bool:
        """Whether all of them are replayed up to now."""
        return all(self._streams[room].live for room in self)

    def __contains__(self, room: str) -> bool:
        return bool(self.find(room))

    def __bool__(self) -> bool:
        return any(True for _ in self)

    def __iter__(self) -> Iterator[str]:
        return iter([room for room, stream in self._streams.items() if stream.parting is None])

    def stream(self, room: str) -> Stream | None:
        """Return how far a room that we are in has been heard; it knows the room's name, too, when that changes."""
        return self._streams.get(self.find(room))

    def find(self, room: str) -> str:
        """Return the name of a room that we are in, whatever its case, or nothing."""
        return next((name for name in self if name.casefold() == room.casefold()), "")

    def add(self, room: str, key: str = "", place: Place | None = None) -> Deferred[wire.Ok]:
        """Want to be in a room, which ``key`` may open; fires at the server's word, fails with `RefusedError`.

        What was said after the ``place`` is heard, or with none the last few lines.
        """
        done: Deferred[wire.Ok] = Deferred()
        room = self.find(room) or room
        if room not in self:
            self._streams[room] = Stream(room)
            if place is not None:
                self._streams[room].cursor, self._streams[room].rid = place.seq, place.rid
        stream = self._streams[room]
        stream.key = key or stream.key
        stream.waiting.append(done)
        return done

    def join(self, room: str) -> None:
        """Ask the server to be let in, or to be told what is missing, unless that is under way."""
        stream = self._streams[self.find(room)]
        if stream.catching_up:
            return
        stream.live = False
        stream.catching_up = True
        self._exchange.ask(stream.join_request(), partial(self._joined, stream))

    def join_all(self) -> None:
        """Join them on a new connection, the active one last."""
        for room in sorted(self, key=lambda room: room == self.active):
            self.join(room)

    def part(self, room: str, why: str = "") -> Deferred[None]:
        """Be in a room no more; fires when the server knows it, fails with `RefusedError`: then we still are."""
        stream = self._streams[self.find(room)]
        if not (stream.joined or stream.catching_up):
            self._forget(stream)
            return succeed(None)
        done: Deferred[None] = Deferred()
        stream.parting = done
        self._turn_from(stream)
        request: wire.Request = {"op": "part", "room": stream.room}
        self._exchange.ask({**request, "why": why} if why else request, partial(self._parted, stream))
        return done

    def disconnect(self) -> None:
        """Take note that the connection broke: so we have left what we were about to leave."""
        for stream in list(self._streams.values()):
            stream.disconnect()
            if stream.parting is not None:
                self._forget(stream)
                stream.parting.callback(None)

    def start_over(self, why: str) -> None:
        """Forget the place in the lobby: it means nothing to this server any more."""
        self.missing = self.missing or why
        for stream in self._streams.values():
            if stream.room == self.lobby:
                stream.start_over(keep_floor=False)

    def take(self, event: wire.Said | wire.Emoted | wire.Topic | events.Acts | wire.Other) -> None:
        """Pass on an event that is the next of its room; ask again if one is missing before it."""
        stream = self._stream_of(event)
        if stream is None or event.seq == 0:
            return
        turn = stream.take(event.seq)
        if turn is Turn.TOO_FAR and not stream.catching_up and stream.parting is None:
            self.join(stream.room)
        if turn is Turn.LEAP:
            self.missing = self.missing or EXPIRED
        if turn not in {Turn.NEXT, Turn.LEAP} or isinstance(event, wire.Other):
            return
        if isinstance(event, events.RoomRenamed) and event.seq > stream.head:
            self._rename(stream, event.to)
        self._listener.heard(event, replayed=not stream.live)

    def is_new(self, act: events.Acts) -> bool:
        """Tell whether something was done while we were in the room, or is told from before that."""
        stream = self._stream_of(act)
        return stream is not None and act.seq > stream.head

    def _stream_of(self, event: wire.Said | wire.Emoted | wire.Topic | events.Acts | wire.Other) -> Stream | None:
        stream = self._streams.get(event.room)
        if stream is None and isinstance(event, events.RoomRenamed):
            stream = self._streams.get(event.was)
        return stream if stream is not None and stream.joined else None

    def put_out(self, room: str) -> None:
        """Be in a room no more, for so the server has said; not after a reconnection either."""
        stream = self._streams.get(self.find(room))
        if stream is not None and stream.joined:
            self._forget(stream)
            self._listener.put_out(stream.room)
            self._moved()

    def caught_up(self, event: wire.Live) -> None:
        """Take note that a replay is complete."""
        stream = self._streams.get(event.room)
        if stream is not None and stream.joined:
            stream.complete(event.seq)
            self._listener.live(event.room)
            self._moved()

    def _current(self, stream: Stream) -> bool:
        """Tell whether a room has not been left, and perhaps joined anew, meanwhile."""
        return self._streams.get(stream.room) is stream

    def _drop(self, stream: Stream) -> None:
        if self._current(stream):
            del self._streams[stream.room]

    def _forget(self, stream: Stream) -> None:
        self._drop(stream)
        self._turn_from(stream)

    def _turn_from(self, stream: Stream) -> None:
        if self.active == stream.room and self.active not in self:
            self.active = self.find(self.lobby) or next(reversed(list(self)), "")

    def _joined(self, stream: Stream, reply: wire.Reply) -> None:
        if isinstance(reply, wire.Error):
            self._refused(stream, reply)
        elif isinstance(reply, wire.Ok):
            if self._current(stream):
                self._enter(stream, reply)
            stream.waiting, waiting = [], stream.waiting
            for done in waiting:
                done.callback(reply)
        self._moved()

    def _enter(self, stream: Stream, reply: wire.Ok) -> None:
        """Be in a room, and know it by the name that the server has for it."""
        stream.joined, stream.entered, stream.rid, stream.head = True, True, reply.rid, reply.head or 0
        self._rename(stream, reply.room or stream.room)
        if stream.cursor is None and reply.head == 0:
            stream.cursor = 0
        if not stream.seen:
            stream.seen = True
            self._listener.entered(reply)

    def _rename(self, stream: Stream, name: str) -> None:
        del self._streams[stream.room]
        if self.active == stream.room:
            self.active = name
        if self.lobby == stream.room:
            self.lobby = name
        stream.room = name
        self._streams[name] = stream

    def _refused(self, stream: Stream, error: wire.Error) -> None:
        if error.code == "epoch_changed" and stream.rid is not None and stream.room != self.lobby:
            self._displace(stream)
            return
        stream.catching_up = False
        if error.code in _PLACE_IS_GONE and stream.placed:
            self.missing = self.missing or error.code
            stream.start_over(keep_floor=error.code == EXPIRED)
            self.join(stream.room)
            return
        self._drop(stream)
        for done in stream.waiting:
            done.errback(RefusedError(error))
        self._turn_from(stream)
        if not stream.waiting:
            self.missing = self.missing or DISPLACED
            self._listener.refused(error)

    def _displace(self, stream: Stream) -> None:
        """Join a room of the same name, if there is one or it is to be made; else do without."""
        self.missing = self.missing or DISPLACED
        if self._remakes:
            self._join_anew(stream)
        else:
            request: wire.Request = {"op": "command", "line": f"/who {stream.room}"}
            self._exchange.ask(request, partial(self._looked_for, stream))

    def _looked_for(self, stream: Stream, reply: wire.Reply) -> None:
        if not self._current(stream) or stream.parting is not None:
            return
        if isinstance(reply, wire.Ok):
            self._join_anew(stream)
        else:
            self._forget(stream)
            self._listener.displaced(stream.room, anew=False)
            self._lost(stream.room)
        self._moved()

    def _join_anew(self, stream: Stream) -> None:
        stream.start_over(keep_floor=False)
        stream.catching_up = False
        self.join(stream.room)
        self._listener.displaced(stream.room, anew=True)
        if not self._remakes:
            self._lost(stream.room)

    def _parted(self, stream: Stream, reply: wire.Reply) -> None:
        done, stream.parting = stream.parting, None
        if done is None:
            return
        if isinstance(reply, wire.Error) and reply.code not in _NOT_THERE_ANYHOW:
            done.errback(RefusedError(reply))
            return
        self._forget(stream)
        done.callback(None)
