"""A program that is silent is asked whether it is there, and let go of if it does not answer."""

from __future__ import annotations


class Silence:
    """How long nothing has come; times in seconds, 0 for never."""

    __slots__ = ("_asked", "_heard", "_patience", "_quiet")

    def __init__(self, quiet: float, patience: float, now: float) -> None:
        self._quiet = quiet
        self._patience = patience
        self._heard = now
        self._asked = float("-inf")

    def heard(self, now: float) -> None:
        """Know that something came."""
        self._heard = now

    def is_over(self, now: float) -> bool:
        """Tell whether the peer has been silent for so long that it is gone."""
        return bool(self._patience) and now - self._heard >= self._patience

    def asks(self, now: float) -> bool:
        """Tell whether it is time to ask; once for each silence."""
        if not self._quiet or now - self._heard < self._quiet or self._asked >= self._heard:
            return False
        self._asked = now
        return True
