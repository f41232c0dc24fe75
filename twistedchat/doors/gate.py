"""Who may connect, how often and how many times: counted by address."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING

from msgspec import Struct
from twisted.internet.address import UNIXAddress

from twistedchat.chat.errors import TooMany
from twistedchat.chat.rate import Bucket

if TYPE_CHECKING:
    from twisted.internet.interfaces import IAddress

NAMELESS_IN_ALL = 1000
"""Connections without a name, from all addresses together."""
REFUSED_TIMES = 2
"""How many times the nameless ones an address may have are told that they are too many."""
NAMED_TIMES = 4
"""How many times more connections an address may have that have a name, and no account."""
UNIX = "unix"


class Origin(Struct, frozen=True):
    """Where a connection comes from: `host` to show, `key` to count by ("" = nobody counts).

    One that is `near` comes from this computer, by whatever way.
    """

    host: str
    key: str
    near: bool = False

    @property
    def address(self) -> str:
        """The host as an address, "" where it has none."""
        return "" if self.host == UNIX else self.host


@lru_cache(maxsize=1024)
def _origin(host: str, *, exempt: bool) -> Origin:
    """Return where a host is, the same for all who come from there."""
    address = _address(host)
    if address is None:
        return Origin(host, host)
    if address.is_loopback and exempt:
        return Origin(host, "", near=True)
    if isinstance(address, IPv6Address):
        return Origin(host, str(ip_network((address, 64), strict=False)), near=address.is_loopback)
    return Origin(str(address), str(address), near=address.is_loopback)


class _Count(Struct):
    rate: Bucket
    nameless: int = 0
    named: int = 0


class Gate:
    """Counts connections; 0 in a limit means none. IPv6 counts by /64, as one person has so many of them."""

    def __init__(self, *, per_address: int, per_minute: int, exempt: str) -> None:
        self.grant(per_address=per_address, per_minute=per_minute, exempt=exempt)
        self._counts: dict[str, _Count] = {}
        self._nameless = 0

    def grant(self, *, per_address: int, per_minute: int, exempt: str) -> None:
        """Count by these limits from here on."""
        self._per_address = per_address
        self._per_minute = per_minute
        self._exempt = frozenset(exempt.replace(",", " ").split())

    def origin(self, peer: IAddress | None) -> Origin:
        """Return where `peer` comes from; those that are exempt have no key."""
        if isinstance(peer, UNIXAddress):
            return Origin(UNIX, "" if UNIX in self._exempt else UNIX, near=True)
        return _origin(str(getattr(peer, "host", "")), exempt="loopback" in self._exempt)

    def enter(self, origin: Origin, now: float) -> TooMany | None:
        """Count a connection that has no name yet, and return why it is one too many, if it is."""
        if not origin.key:
            return None
        count = self._counts.get(origin.key)
        if count is None:
            count = self._counts[origin.key] = _Count(Bucket(self._per_minute, self._per_minute / 60, now))
        self._change_nameless(count, 1)
        if self._nameless > NAMELESS_IN_ALL:
            return TooMany("Too many are coming in just now. Try again in a minute.")
        if not count.rate.try_take(now):
            return TooMany("You connect too often. Try again in a minute.")
        if self._per_address and count.nameless > self._per_address:
            return TooMany(f"There are {self._per_address} connections without a name from your address already.")
        return None

    def drops(self, origin: Origin, refusal: TooMany | None) -> bool:
        """Tell whether so many of that address are being refused just now that one more is dropped without a word."""
        count = self._counts.get(origin.key)
        if (
            refusal is None
            or count is None
            or count.nameless <= (self._per_address or NAMELESS_IN_ALL) * REFUSED_TIMES
        ):
            return False
        self._change_nameless(count, -1)
        return True

    def name(self, origin: Origin) -> None:
        """Count a connection as a guest's, who has a name now, or raise `TooMany`."""
        count = self._counts.get(origin.key)
        if count is None:
            return
        most = self._per_address * NAMED_TIMES
        if most and count.named >= most:
            raise TooMany(f"There are {most} guests from your address already.")
        self._change_nameless(count, -1)
        count.named += 1

    def leave(self, origin: Origin, *, named: bool) -> None:
        """Count a connection no more."""
        count = self._counts.get(origin.key)
        if count is None:
            return
        if named:
            count.named -= 1
        else:
            self._change_nameless(count, -1)

    def _change_nameless(self, count: _Count, change: int) -> None:
        """Count more or fewer of one address; those beyond what it may have are refused, and do not count in all."""
        most = self._per_address or NAMELESS_IN_ALL + 1
        before = min(count.nameless, most)
        count.nameless += change
        self._nameless += min(count.nameless, most) - before

    def tick(self, now: float) -> None:
        """Forget the addresses that nobody has come from for a while."""
        for key, count in list(self._counts.items()):
            if not count.named and not count.nameless and count.rate.full(now):
                del self._counts[key]


class Place(Struct, gc=False):
    """One connection's place at the gate: nameless at first, then a guest's, until it is left or a member's."""

    gate: Gate
    origin: Origin
    named: bool = False
    left: bool = False

    def name(self, *, member: bool) -> None:
        """Know that it has a name; raise `TooMany` where there are too many guests from there."""
        if member:
            self.leave()
        elif not self.left:
            self.gate.name(self.origin)
            self.named = True

    def leave(self) -> None:
        """Count it no more; to leave twice is nothing new. Members are not counted by their address."""
        if not self.left:
            self.left = True
            self.gate.leave(self.origin, named=self.named)


def _address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return None
    mapped = getattr(address, "ipv4_mapped", None)
    return mapped or address
