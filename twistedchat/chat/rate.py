"""How fast somebody may go on."""

from __future__ import annotations


class Bucket:
    """A token bucket: `burst` at once, then `per_second`; 0 per second means no limit."""

    __slots__ = ("_burst", "_per_second", "_since", "_tokens")

    def __init__(self, burst: float, per_second: float, now: float) -> None:
        self._burst = self._tokens = float(max(burst, 1))
        self._per_second = per_second
        self._since = now

    def take(self, now: float) -> float:
        """Take one token at `now` (seconds), and return for how many seconds to rest before the next."""
        if not self._per_second:
            return 0.0
        self._grow(now)
        self._tokens -= 1
        return max(0.0, (1 - self._tokens) / self._per_second)

    def try_take(self, now: float) -> bool:
        """Take one token at `now` (seconds) if there is one."""
        if not self._per_second:
            return True
        self._grow(now)
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True

    def give_back(self) -> None:
        """Have one that was taken not count."""
        self._tokens = min(self._burst, self._tokens + 1)

    def wait(self, now: float) -> float:
        """Return for how many seconds from `now` there is no token."""
        if not self._per_second:
            return 0.0
        self._grow(now)
        return max(0.0, (1 - self._tokens) / self._per_second)

    def full(self, now: float) -> bool:
        """Tell whether nothing is missing at `now` (seconds)."""
        self._grow(now)
        return self._tokens >= self._burst

    def _grow(self, now: float) -> None:
        grown = self._tokens + max(0.0, now - self._since) * self._per_second
        self._tokens = min(self._burst, grown)
        self._since = now
