"""A program that is silent is asked whether it is there, and let go of if it does not answer."""

from __future__ import annotations

from msgspec import Struct


class Silence(Struct, gc=False):
    """How long nothing has come of one peer, looked at now and then.

    What comes only has to set `broken`, which costs nothing: when that was is noted at
    the next look, and is one number for all who are looked at then.
    """

    broken: bool = True
    since: float = 0.0
    asked: bool = False

    def lasts(self, now: float) -> float:
        """Look at it, and return for how many seconds it has been silent."""
        if self.broken:
            self.broken = self.asked = False
            self.since = now
        return now - self.since

    def asks(self) -> bool:
        """Tell whether to ask; once for each silence."""
        asks, self.asked = not self.asked, True
        return asks
