"""Calls that connections have yet to make, by name, so that none outlives its connection."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from twisted.internet.interfaces import IDelayedCall, IReactorTime


class Calls:
    """The calls of all connections of one door; of each `owner` at most one of each name is under way.

    Most connections wait for nothing most of the time, so there is one table for all of
    them, and nothing in it for these.
    """

    def __init__(self, clock: IReactorTime) -> None:
        self.clock = clock
        self._calls: dict[object, dict[str, IDelayedCall]] = {}

    def under_way(self, owner: object, name: str) -> bool:
        """Tell whether a call of that name is to be made."""
        return name in self._calls.get(owner, ())

    def later(self, owner: object, name: str, seconds: float, call: Callable[[], None]) -> None:
        """Make the call in a while, unless one of that name is under way."""
        calls = self._calls.setdefault(owner, {})
        if name not in calls:
            calls[name] = self.clock.callLater(seconds, self._make, owner, name, call)

    def cancel(self, owner: object, name: str) -> None:
        """Make the call of that name not at all."""
        call = self._take(owner, name)
        if call is not None:
            call.cancel()

    def stop(self, owner: object) -> None:
        """Make no call of theirs any more."""
        for call in self._calls.pop(owner, {}).values():
            call.cancel()

    def _make(self, owner: object, name: str, call: Callable[[], None]) -> None:
        self._take(owner, name)
        call()

    def _take(self, owner: object, name: str) -> IDelayedCall | None:
        calls = self._calls.get(owner, {})
        call = calls.pop(name, None)
        if not calls:
            self._calls.pop(owner, None)
        return call
