"""Counting connections by address."""

from __future__ import annotations

import pytest
from twisted.internet.address import IPv4Address, IPv6Address, UNIXAddress

from twistedchat.chat.errors import TooMany
from twistedchat.doors.gate import NAMELESS_IN_ALL, Gate, Place


def gate(exempt: str = "loopback,unix", per_address: int = 2, per_minute: int = 60) -> Gate:
    return Gate(per_address=per_address, per_minute=per_minute, exempt=exempt)


class OriginTests:
    """By what a connection is counted."""

    @pytest.mark.parametrize(
        ("address", "key"),
        [
            (IPv4Address("TCP", "198.51.100.7", 1), "198.51.100.7"),
            (IPv6Address("TCP", "2001:db8:1:2:3::4", 1), "2001:db8:1:2::/64"),
            (IPv6Address("TCP", "::ffff:198.51.100.7", 1), "198.51.100.7"),
            (IPv4Address("TCP", "127.0.0.1", 1), ""),
            (IPv6Address("TCP", "::1", 1), ""),
            (UNIXAddress(b"/run/chat"), ""),
        ],
    )
    def test_one_person_has_one_key(self, address: IPv4Address | IPv6Address | UNIXAddress, key: str) -> None:
        """An IPv4 address, a whole /64 of IPv6; this computer is exempt."""
        assert gate().origin(address).key == key

    @pytest.mark.parametrize("exempt", ["loopback,unix", ""])
    def test_who_is_near(self, exempt: str) -> None:
        """Only from this computer nothing can be read on the way; who is counted is another matter."""
        door = gate(exempt=exempt)
        near = [IPv4Address("TCP", "127.0.0.9", 1), IPv6Address("TCP", "::1", 1), UNIXAddress(b"/run/chat")]
        far = [IPv4Address("TCP", "198.51.100.7", 1), IPv6Address("TCP", "2001:db8::1", 1), None]
        assert all(door.origin(address).near for address in near)
        assert not any(door.origin(address).near for address in far)
        assert [door.origin(address).address for address in near] == ["127.0.0.9", "::1", ""]

    def test_nobody_need_be_exempt(self) -> None:
        """An empty setting counts everybody."""
        strict = gate(exempt="")
        assert strict.origin(IPv4Address("TCP", "127.0.0.1", 1)).key == "127.0.0.1"
        assert strict.origin(UNIXAddress(b"/run/chat")).key == "unix"


class CountingTests:
    """How many may be there, and how often they may come."""

    def test_nameless_are_few_and_named_are_more(self) -> None:
        """Giving a name makes room for another; four times as many may have one."""
        door = gate()
        here = door.origin(IPv4Address("TCP", "198.51.100.7", 1))
        for _ in range(8):
            assert door.enter(here, 0) is None
            door.name(here)
        assert door.enter(here, 0) is None
        with pytest.raises(TooMany):
            door.name(here)
        assert door.enter(here, 0) is None
        assert isinstance(door.enter(here, 0), TooMany)
        door.leave(here, named=False)
        door.leave(here, named=True)
        door.name(here)

    def test_sixty_a_minute(self) -> None:
        """However short they stay; after a while the address is forgotten."""
        door = gate(per_minute=60)
        here = door.origin(IPv4Address("TCP", "198.51.100.7", 1))
        refused = 0
        for _ in range(70):
            refused += door.enter(here, 0) is not None
            door.leave(here, named=False)
        assert refused == 10
        assert door.enter(here, 1) is None
        door.leave(here, named=False)
        door.tick(120)
        assert not door._counts

    def test_crowd_without_names_is_bounded(self) -> None:
        """From however many addresses it comes; this computer gets in all the same."""
        door = gate()
        for number in range(NAMELESS_IN_ALL):
            assert door.enter(door.origin(IPv4Address("TCP", f"10.0.{number // 250}.{number % 250}", 1)), 0) is None
        assert isinstance(door.enter(door.origin(IPv4Address("TCP", "198.51.100.7", 1)), 0), TooMany)
        assert door.enter(door.origin(IPv4Address("TCP", "127.0.0.1", 1)), 0) is None

    def test_one_address_cannot_shut_the_others_out(self) -> None:
        """Those of its connections that are refused do not count in all, and go as they came."""
        door = gate()
        flood = door.origin(IPv4Address("TCP", "10.0.0.1", 1))
        for _ in range(2 * NAMELESS_IN_ALL):
            door.enter(flood, 0)
        assert door.enter(door.origin(IPv4Address("TCP", "198.51.100.7", 1)), 0) is None
        for _ in range(2 * NAMELESS_IN_ALL):
            door.leave(flood, named=False)
        assert door._nameless == 1

    def test_zero_is_no_limit(self) -> None:
        """As with every limit."""
        door = gate(per_address=0, per_minute=0)
        here = door.origin(IPv4Address("TCP", "198.51.100.7", 1))
        for _ in range(500):
            assert door.enter(here, 0) is None
            door.name(here)


class PlaceTests:
    """What one connection counts as."""

    def test_members_are_not_counted(self) -> None:
        """However many of them are behind one address, and whether they came as guests or not."""
        door = gate(per_address=1)
        here = door.origin(IPv4Address("TCP", "198.51.100.7", 1))
        for member in (True, False) * 20:
            assert door.enter(here, 0) is None
            place = Place(door, here)
            place.name(member=member)
            if not member:
                place.leave()
        assert door.enter(here, 0) is None
        assert (door._counts[here.key].named, door._counts[here.key].nameless) == (0, 1)

    def test_to_leave_twice_is_nothing_new(self) -> None:
        """A guest who became a member has no place any more when the connection ends."""
        door = gate()
        here = door.origin(IPv4Address("TCP", "198.51.100.7", 1))
        door.enter(here, 0)
        place = Place(door, here)
        place.name(member=False)
        place.leave()
        place.leave()
        assert door._counts[here.key].named == 0


class FloodTests:
    """One address that does not stop."""

    def test_beyond_twice_as_many_nobody_is_told(self) -> None:
        """Each refusal holds a connection for a moment, and there are only so many of these."""
        door = gate(per_address=2)
        here = door.origin(IPv4Address("TCP", "198.51.100.7", 1))
        dropped = [door.drops(here, door.enter(here, 0)) for _ in range(7)]
        assert dropped == [False] * 4 + [True] * 3
        door.leave(here, named=False)
        assert not door.drops(here, door.enter(here, 0))
