"""How often a password may be tried: by account and by address, and never to the owner's harm."""

from __future__ import annotations

from twistedchat.chat.durations import SECOND
from twistedchat.chat.rate import Bucket
from twistedchat.chat.sanctions import network_of

FREE, A_SECOND = 5, 5 / 60
"""Five wrong ones at once, then five a minute."""
A_DAY = 5 / 86_400
"""Of new accounts five at once, then five a day."""
KNOWN_MOST = 64
"""From so many addresses an account may come without being held up by others who try."""
TRIED_MOST = 10_000


class Attempts:
    """Counts those that were not right; across all ways in.

    Whoever tries from an address from which the account was entered before is counted by
    themselves: others who try cannot lock the owner out, from that address neither.
    """

    def __init__(self) -> None:
        self._tried: dict[str, Bucket] = {}
        self._known: dict[str, dict[str, None]] = {}

    def begin(self, account: str, address: str, at: int) -> int:
        """Count one try at the time `at` (ms); return for how many seconds to wait instead, 0 for none."""
        now = at / SECOND
        buckets = [self._bucket(key, now) for key in self._keys(account, _place(address))]
        waits = [bucket.wait(now) for bucket in buckets]
        if any(waits):
            return int(max(waits)) + 1
        for bucket in buckets:
            bucket.try_take(now)
        return 0

    def succeed(self, account: str, address: str) -> None:
        """Know that the last one was right: it does not count, and that address is known."""
        place = _place(address)
        for key in self._keys(account, place):
            if key in self._tried:
                self._tried[key].give_back()
        known = self._known.setdefault(account, {})
        known.pop(place, None)
        known[place] = None
        while len(known) > KNOWN_MOST:
            del known[next(iter(known))]

    def guess(self, secret: str, address: str, at: int, *, right: bool) -> int:
        """Count a try at a `secret` that many may know, unless it was `right`; return as `begin` does.

        It is counted by address only: whoever tries keeps nobody out who comes from elsewhere.
        """
        now = at / SECOND
        bucket = self._bucket(f"{secret} from {_place(address)}", now)
        if not (right or bucket.wait(now)):
            bucket.try_take(now)
            return 0
        return int(bucket.wait(now)) + 1 if bucket.wait(now) else 0

    def enrol(self, address: str, at: int) -> int:
        """Count one new account at the time `at` (ms); return for how many seconds to wait instead, 0 for none."""
        now = at / SECOND
        if network_of(address) is None:
            return 0
        bucket = self._bucket(f"new {_place(address)}", now, A_DAY)
        return 0 if bucket.try_take(now) else int(bucket.wait(now)) + 1

    def tick(self, at: int) -> None:
        """Forget those that were long ago."""
        now = at / SECOND
        self._tried = {key: bucket for key, bucket in self._tried.items() if not bucket.full(now)}

    def _keys(self, account: str, place: str) -> list[str]:
        """Return by what a try is counted."""
        if place in self._known.get(account, ()):
            return [f"to {account} from {place}"]
        return [f"from {place}", f"to {account}"]

    def _bucket(self, key: str, now: float, a_second: float = A_SECOND) -> Bucket:
        if key not in self._tried:
            if len(self._tried) >= TRIED_MOST:
                del self._tried[next(iter(self._tried))]
            self._tried[key] = Bucket(FREE, a_second, now)
        return self._tried[key]


def _place(address: str) -> str:
    """Return what counts as one place: the address, with IPv6 its /64."""
    return str(network_of(address) or address)
