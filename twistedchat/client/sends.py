"""What was said and is not answered yet: repeated until it is, stored once."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from twisted.internet.defer import Deferred, fail

from twistedchat.client import wire
from twistedchat.client.exchange import Exchange, GivenUpError, RefusedError

_NOT_AN_ANSWER = frozenset({"restarting"})
_REF_BYTES = 32


@dataclass
class Send:
    """A request with its ``cid``, who waits for the answer, and whether it was ever ``sent``."""

    request: wire.Request
    answer: Deferred[wire.Reply]
    sent: bool = False

    @property
    def room(self) -> str:
        """The room that it is meant for, or nothing."""
        return str(self.request.get("room", ""))


class Sends:
    """Requests that outlive their connection.

    Each has a ``cid`` that no other session ever used. A server that has stored it
    already recognises it and acknowledges again, so that repeating is harmless.
    """

    def __init__(self, exchange: Exchange) -> None:
        self.open = False
        """Whether the server takes requests now: rooms are joined."""
        self.line_bytes = wire.Limits().line
        self.unanswered: dict[str, Send] = {}
        """By cid, in the order in which they were submitted."""
        self._exchange = exchange
        self._prefix = secrets.token_hex(8)
        self._count = 0

    def submit(self, request: wire.Request) -> Deferred[wire.Reply]:
        """Send now or when the server is there; fails with `RefusedError`."""
        self._count += 1
        cid = f"{self._prefix}-{self._count}"
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
        lost = [(cid, send) for cid, send in self.unanswered.items() if send.room and is_lost(send.room)]
        for cid, send in lost:
            del self.unanswered[cid]
            send.answer.errback(GivenUpError(sent=send.sent))
        return bool(lost)

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
            return
        send = self.unanswered.pop(cid, None)
        if send is None:
            return
        if isinstance(reply, wire.Error):
            send.answer.errback(RefusedError(reply))
        else:
            send.answer.callback(reply)
