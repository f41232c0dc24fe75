"""The lines that one peer has sent, and what holds it back."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from twisted.internet.interfaces import IDelayedCall, IReactorTime

LINES_A_TURN = 64
"""Lines of one peer that are handed on before others have their turn."""


class Intake:
    """Hands lines on one by one, as fast as their sender may go.

    A peer can be held back for several reasons at a time, and goes on when the last
    of them is gone. `pace` is called before each line, and may add one; `take` gets
    the line; `reading` is told whether the peer's bytes should be read at all.
    """

    __slots__ = ("_calls", "_clock", "_holds", "_lines", "_pace", "_reading", "_take")

    def __init__(
        self,
        clock: IReactorTime,
        pace: Callable[[], None],
        take: Callable[[bytes], None],
        reading: Callable[[bool], None],
    ) -> None:
        self._clock = clock
        self._pace = pace
        self._take = take
        self._reading = reading
        self._lines: deque[bytes] = deque()
        self._holds: set[str] = set()
        self._calls: dict[str, IDelayedCall] = {}

    @property
    def idle(self) -> bool:
        """Whether everything has been handed on, and nothing of it is still being done."""
        return not self._lines and not self._holds

    @property
    def held(self) -> bool:
        """Whether we are the ones who keep the peer silent."""
        return bool(self._holds)

    def feed(self, lines: Iterable[bytes]) -> None:
        """Take lines, in their order."""
        self._lines.extend(lines)
        self._hand_on()

    def hold(self, why: str) -> None:
        """Hand on and read nothing more until that reason, and every other, is gone."""
        if not self._holds:
            self._reading(False)  # noqa: FBT003 - a callback's only argument
        self._holds.add(why)

    def hold_for(self, why: str, seconds: float) -> None:
        """Hold for that long."""
        if why not in self._calls:
            self.hold(why)
            self._calls[why] = self._clock.callLater(seconds, self._time_is_over, why)

    def release(self, why: str) -> None:
        """Go on, if there is no other reason to wait."""
        if why in self._holds:
            self._holds.discard(why)
            self._hand_on()
            if not self._holds:
                self._reading(True)  # noqa: FBT003 - a callback's only argument

    def drain(self) -> None:
        """Hand on all that is here whatever its rate, but not past what must be waited for."""
        self.hold("stopping")
        while self._lines and "request" not in self._holds:
            self._take(self._lines.popleft())

    def stop(self) -> None:
        """Drop what is here."""
        self._lines.clear()
        self._holds.add("stopped")
        for call in self._calls.values():
            call.cancel()
        self._calls.clear()

    def _hand_on(self) -> None:
        for _ in range(LINES_A_TURN):
            if self._holds or not self._lines:
                return
            self._pace()
            self._take(self._lines.popleft())
        if self._lines:
            self.hold_for("turn", 0)

    def _time_is_over(self, why: str) -> None:
        del self._calls[why]
        self.release(why)
