"""Calls that one connection has yet to make, by name, so that none outlives it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from twisted.internet.interfaces import IDelayedCall, IReactorTime


class Calls:
    """At most one call of each name is under way."""

    __slots__ = ("_calls", "clock")

    def __init__(self, clock: IReactorTime) -> None:
        self.clock = clock
        self._calls: dict[str, IDelayedCall] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._calls

    def later(self, name: str, seconds: float, call: Callable[[], None]) -> None:
        """Make the call in a while, unless one of that name is under way."""

        def make() -> None:
            del self._calls[name]
            call()

        if name not in self._calls:
            self._calls[name] = self.clock.callLater(seconds, make)

    def cancel(self, name: str) -> None:
        """Make the call of that name not at all."""
        call = self._calls.pop(name, None)
        if call is not None:
            call.cancel()

    def stop(self) -> None:
        """Make no call any more."""
        for name in list(self._calls):
            self.cancel(name)
