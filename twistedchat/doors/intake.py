"""The lines that one peer has sent, and what holds it back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from twistedchat.chat.rate import Bucket

if TYPE_CHECKING:
    from twistedchat.doors.calls import Calls


LINES_A_TURN = 128
"""Lines of one peer that are handed on before others have their turn: a millisecond's worth.

A program that has a hundred messages on their way needs all of them in one turn, or they become two commits by turns.
"""
SLOW_DOWN_SECONDS = 10.0
"""A peer that is too fast is told so once in that time."""
_NEVER = float("-inf")
_NO_REASON: frozenset[str] = frozenset()
"""The same for everybody: another that is empty is as large as one of eight."""
_OVER = frozenset({"closing", "stopped"})
"""Reasons that do not go away: nothing more of the peer is done."""


class Source(Protocol):
    """The connection whose lines they are."""

    def pace(self) -> None:
        """Be asked before each line; it may hold."""
        ...

    def lineReceived(self, line: bytes) -> None:
        """Take a line."""
        ...

    def read(self, reading: bool) -> None:  # noqa: FBT001 - the only argument
        """Read the peer's bytes, or do not."""
        ...

    def slow_down(self) -> None:
        """Know that the peer is too fast."""
        ...


class Intake:
    """Hands lines on one by one, as fast as their sender may go.

    A peer can be held back for several reasons at a time, and goes on when the last
    of them is gone. One of them is its `rate` (burst, per second; none where either is 0): the
    `source` is told now and then when that is so.
    """

    __slots__ = ("_bucket", "_calls", "_handing_on", "_holds", "_lines", "_slow_at", "_source")

    def __init__(self, source: Source, calls: Calls, rate: tuple[int, float]) -> None:
        self._source = source
        self._calls = calls
        self._bucket = Bucket(*rate, calls.clock.seconds()) if all(rate) else None
        self._slow_at = _NEVER
        self._lines: list[bytes] | None = None  # the first one last
        self._holds = _NO_REASON
        self._handing_on = False

    @property
    def waits(self) -> bool:
        """Whether something of what was read is yet to be done."""
        return _OVER.isdisjoint(self._holds) and (bool(self._lines) or "request" in self._holds)

    @property
    def idle(self) -> bool:
        """Whether everything has been handed on, and nothing of it is still being done."""
        return not self._lines and not self._holds

    @property
    def held(self) -> bool:
        """Whether we are the ones who keep the peer silent."""
        return bool(self._holds)

    def __len__(self) -> int:
        return len(self._lines or ())

    def feed(self, lines: list[bytes]) -> None:
        """Take lines, in their order."""
        self._lines = lines[::-1] + (self._lines or [])
        self._hand_on()

    def hold(self, why: str) -> None:
        """Hand on nothing more until that reason, and every other, is gone; nor read, as soon as something waits.

        Most peers wait for an answer before they go on: they are never paused, which would
        cost two system calls each time.
        """
        self._holds |= {why}
        if why in _OVER:
            self._source.read(False)  # noqa: FBT003 - a callback's only argument

    def hold_for(self, why: str, seconds: float) -> None:
        """Hold for that long."""
        if not self._calls.under_way(self._source, why):
            self.hold(why)
            self._calls.later(self._source, why, seconds, lambda: self.release(why))

    def release(self, why: str) -> None:
        """Go on, if there is no other reason to wait."""
        if why in self._holds:
            self._holds = self._holds - {why} or _NO_REASON
            self._hand_on()
            if not self._holds:
                self._source.read(True)  # noqa: FBT003 - a callback's only argument

    def drain(self) -> None:
        """Hand on all that is here whatever its rate, but not past what must be waited for until that is done."""
        self.hold("stopping")
        self._source.read(False)  # noqa: FBT003 - a callback's only argument
        self._hand_on()

    def stop(self) -> None:
        """Drop what is here."""
        self._lines = None
        self._holds |= {"stopped"}

    def _hand_on(self) -> None:
        """Hand on what may go now; a line that is done at once and releases its hold does not begin this again."""
        if self._handing_on:
            return
        self._handing_on = True
        try:
            if "stopping" in self._holds:
                self._hand_on_the_rest()
            else:
                self._hand_on_a_turn()
        finally:
            self._handing_on = False
            self._lines = self._lines or None
            if self._lines and self._holds:
                self._source.read(False)  # noqa: FBT003 - a callback's only argument

    def _hand_on_the_rest(self) -> None:
        while self._lines and "request" not in self._holds and _OVER.isdisjoint(self._holds):
            self._source.lineReceived(self._lines.pop())

    def _hand_on_a_turn(self) -> None:
        pace, take = self._source.pace, self._source.lineReceived
        for _ in range(LINES_A_TURN):
            if self._holds or not self._lines:
                return
            if self._bucket is not None:
                self._brake(self._bucket)
            pace()
            take(self._lines.pop())
        if self._lines:
            self.hold_for("turn", 0)

    def _brake(self, bucket: Bucket) -> None:
        now = self._calls.clock.seconds()
        rest = bucket.take(now)
        if rest:
            self.hold_for("rate", rest)
            if now - self._slow_at >= SLOW_DOWN_SECONDS:
                self._slow_at = now
                self._source.slow_down()
