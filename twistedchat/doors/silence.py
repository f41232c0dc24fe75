"""A program that is silent is asked whether it is there, and let go of if it does not answer."""

from __future__ import annotations


class Silence:
    """How long nothing has come of one peer, looked at now and then.

    What comes only has to set `broken`, which costs nothing: when that was is noted at
    the next look, and is one number for all who are looked at then.
    """

    __slots__ = ("_asked", "_since", "broken")

    def __init__(self) -> None:
        self.broken = True
        self._since = 0.0
        self._asked = False

    def lasts(self, now: float) -> float:
        """Look at it, and return for how many seconds it has been silent."""
        if self.broken:
            self.broken = self._asked = False
            self._since = now
        return now - self._since

    def asks(self) -> bool:
        """Tell whether to ask; once for each silence."""
        asks, self._asked = not self._asked, True
        return asks
