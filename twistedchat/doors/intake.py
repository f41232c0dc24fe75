"""The lines that one peer has sent, and what holds it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twistedchat.chat.rate import Bucket

if TYPE_CHECKING:
    from collections.abc import Callable

    from twistedchat.doors.calls import Calls


LINES_A_TURN = 128
"""Lines of one peer that are handed on before others have their turn: a millisecond's worth.

A program that has a hundred messages on their way needs all of them in one turn, or they become two commits by turns.
"""
SLOW_DOWN_SECONDS = 10.0
"""A peer that is too fast is told so once in that time."""
_OVER = frozenset({"closing", "stopped"})
"""Reasons that do not go away: nothing more of the peer is done."""


class Intake:
    """Hands lines on one by one, as fast as their sender may go.

    A peer can be held back for several reasons at a time, and goes on when the last
    of them is gone. One of them is its `rate` (burst, per second; none where either is 0): `slow` is
    called now and then when that is so. `pace` is called before each line, and may add a reason;
    `take` gets the line; `reading` is told whether the peer's bytes should be read. The
    `calls` are the connection's own, and end with it.
    """

    __slots__ = (
        "_bucket",
        "_calls",
        "_handing_on",
        "_holds",
        "_lines",
        "_pace",
        "_reading",
        "_slow",
        "_slow_at",
        "_take",
    )

    def __init__(
        self,
        calls: Calls,
        rate: tuple[int, float],
        *,
        pace: Callable[[], None],
        take: Callable[[bytes], None],
        reading: Callable[[bool], None],
        slow: Callable[[], None],
    ) -> None:
        self._calls = calls
        self._bucket = Bucket(*rate, calls.clock.seconds()) if all(rate) else None
        self._slow = slow
        self._slow_at = float("-inf")
        self._pace = pace
        self._take = take
        self._reading = reading
        self._lines: list[bytes] = []  # the first one last
        self._holds: frozenset[str] = frozenset()
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
        return len(self._lines)

    def feed(self, lines: list[bytes]) -> None:
        """Take lines, in their order."""
        self._lines[:0] = lines[::-1]
        self._hand_on()

    def hold(self, why: str) -> None:
        """Hand on and read nothing more until that reason, and every other, is gone."""
        if not self._holds:
            self._reading(False)  # noqa: FBT003 - a callback's only argument
        self._holds |= {why}

    def hold_for(self, why: str, seconds: float) -> None:
        """Hold for that long."""
        if why not in self._calls:
            self.hold(why)
            self._calls.later(why, seconds, lambda: self.release(why))

    def release(self, why: str) -> None:
        """Go on, if there is no other reason to wait."""
        if why in self._holds:
            self._holds -= {why}
            self._hand_on()
            if not self._holds:
                self._reading(True)  # noqa: FBT003 - a callback's only argument

    def drain(self) -> None:
        """Hand on all that is here whatever its rate, but not past what must be waited for until that is done."""
        self.hold("stopping")
        self._hand_on()

    def stop(self) -> None:
        """Drop what is here."""
        self._lines.clear()
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

    def _hand_on_the_rest(self) -> None:
        while self._lines and "request" not in self._holds and _OVER.isdisjoint(self._holds):
            self._take(self._lines.pop())

    def _hand_on_a_turn(self) -> None:
        lines, pace, take = self._lines, self._pace, self._take
        for _ in range(LINES_A_TURN):
            if self._holds or not lines:
                return
            if self._bucket is not None:
                self._brake(self._bucket)
            pace()
            take(lines.pop())
        if lines:
            self.hold_for("turn", 0)

    def _brake(self, bucket: Bucket) -> None:
        now = self._calls.clock.seconds()
        rest = bucket.take(now)
        if rest:
            self.hold_for("rate", rest)
            if now - self._slow_at >= SLOW_DOWN_SECONDS:
                self._slow_at = now
                self._slow()
