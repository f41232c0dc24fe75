"""What was said or asked for and is not answered yet: what may be is repeated until it is, and stored once."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from twisted.internet.defer import Deferred, fail, succeed

from twistedchat.client import wire
from twistedchat.client.exchange import Exchange, GivenUpError, RefusedError

_NOT_AN_ANSWER = frozenset({"restarting"})
_KNOWN_BY_CID = frozenset({"say", "emote", "dm", "/me", "/msg", "/m", "/tell", "/r"})
_HARMLESS = "history"
_REF_BYTES = 32
_CID_BYTES = 64


@dataclass
class Send:
    """A request with its ``cid``, who waits for the answer, and whether it was ever ``sent``."""

    request: wire.Request
    answer: Deferred[wire.Reply]
    sent: bool = False

    @property
    def matters(self) -> bool:
        """Whether more than an answer is lost if it is not done."""
        return self.request["op"] != _HARMLESS

    @property
    def repeatable(self) -> bool:
        """Whether it may be sent twice: the server knows it by its ``cid``, or it changes nothing."""
        op = str(self.request["op"])
        if op == "command":
            op = "/" + " ".join(str(self.request["line"]).removeprefix("/").split()[:1]).lower()
        return op in _KNOWN_BY_CID or op == _HARMLESS

    @property
    def room(self) -> str:
        """The room that it is meant for, or nothing."""
        return str(self.request.get("room", ""))


class Sends:
    """Requests that outlive their connection.

    Each has a ``cid`` that no other session ever used. A server that has stored a message
    already recognises it and acknowledges again, so that repeating is harmless. It knows
    nothing of the kind of other commands: these are sent once.
    """

    def __init__(self, exchange: Exchange) -> None:
        self.open = False
        """Whether the server takes requests now: rooms are joined."""
        self.line_bytes = wire.Limits().line
        self.unanswered: dict[str, Send] = {}
        """By cid, in the order in which they were submitted."""
        self.over: Exception | None = None
        """Why nothing is sent any more."""
        self._exchange = exchange
        self._prefix = secrets.token_hex(8)
        self._count = 0
        self._idlers: list[Deferred[None]] = []

    def submit(self, request: wire.Request, cid: str = "") -> Deferred[wire.Reply]:
        """Send now or when the server is there; fails with `RefusedError`.

        Whoever gives a ``cid`` of their own may give it again when nobody waits for its
        answer any more: the answer is then theirs.

        :raises ValueError: the ``cid`` is too long, or somebody waits for its answer.
        """
        if self.over is not None:
            return fail(self.over)
        if len(cid.encode()) > _CID_BYTES:
            raise ValueError(f"cid {cid!r} is longer than {_CID_BYTES} bytes")
        if cid in self.unanswered:
            return self._wait_again(self.unanswered[cid])
        self._count += 1
        cid = cid or f"{self._prefix}-{self._count}"
        send = Send({**request, "cid": cid}, Deferred())
        if len(wire.encode(send.request)) + _REF_BYTES > self.line_bytes:
            words = f"This is longer than the {self.line_bytes} bytes that the server takes."
            return fail(RefusedError(wire.Error(code="too_long", text=words)))
        self.unanswered[cid] = send
        if self.open:
            self._transmit(cid, send)
        return send.answer

    def resume(self) -> None:
        """Send all that is unanswered, in its order."""
        self.open = True
        for cid, send in list(self.unanswered.items()):
            self._transmit(cid, send)

    def give_up(self, is_lost: Callable[[str], bool]) -> bool:
        """Repeat nothing that was meant for a lost room: that fails with `GivenUpError`; False if nothing was."""
        lost = [cid for cid, send in self.unanswered.items() if send.room and is_lost(send.room)]
        for cid in lost:
            self._give_up(cid)
        self._perhaps_idle()
        return bool(lost)

    def break_off(self) -> None:
        """Take note that the connection broke: what was sent and may not be done twice fails with `GivenUpError`."""
        self.open = False
        for cid in [cid for cid, send in self.unanswered.items() if send.sent and not send.repeatable]:
            self._give_up(cid, "the connection broke.")
        self._perhaps_idle()

    def abandon(self, why: Exception) -> None:
        """Send nothing any more; whoever waits for an answer is told why."""
        self.over = self.over or why
        lost, self.unanswered = self.unanswered, {}
        for send in lost.values():
            if not send.answer.called:
                send.answer.errback(why)
        self._perhaps_idle()

    def waiting(self) -> int:
        """Return how much of what matters is unanswered."""
        return sum(send.matters for send in self.unanswered.values())

    def idle(self) -> Deferred[None]:
        """Return what fires when nothing that matters is unanswered."""
        if not self.waiting():
            return succeed(None)
        idle: Deferred[None] = Deferred()
        self._idlers.append(idle)
        return idle

    def move(self, room: str, to: str) -> None:
        """Have what is meant for a room go to it under its other name."""
        for send in self.unanswered.values():
            if send.room == room:
                send.request = {**send.request, "room": to}

    def _transmit(self, cid: str, send: Send) -> None:
        send.sent = True
        self._exchange.ask(send.request, partial(self._answered, cid))

    def _answered(self, cid: str, reply: wire.Reply) -> None:
        if isinstance(reply, wire.Error) and reply.code in _NOT_AN_ANSWER:
            self._not_taken(cid)
            return
        send = self.unanswered.pop(cid, None)
        if send is None:
            return
        if isinstance(reply, wire.Error):
            send.answer.errback(RefusedError(reply))
        else:
            send.answer.callback(reply)
        self._perhaps_idle()

    def _not_taken(self, cid: str) -> None:
        """Take note that the server has refused it for now: what it got but once has surely not been done."""
        send = self.unanswered.get(cid)
        if send is not None and not send.repeatable:
            send.sent = False

    def _give_up(self, cid: str, *why: str) -> None:
        send = self.unanswered.pop(cid)
        if not send.answer.called:
            send.answer.errback(GivenUpError(*why, sent=send.sent))

    def _wait_again(self, send: Send) -> Deferred[wire.Reply]:
        if not send.answer.called:
            raise ValueError(f"cid {send.request['cid']!r} is on its way already")
        send.answer = Deferred()
        return send.answer

    def _perhaps_idle(self) -> None:
        if self._idlers and not self.waiting():
            self._idlers, idlers = [], self._idlers
            for idle in idlers:
                idle.callback(None)
