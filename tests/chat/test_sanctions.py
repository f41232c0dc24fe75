"""Bans and mutes: whom they hit, and until when."""

from __future__ import annotations

import pytest

from twistedchat.chat.sanctions import (
    MASKS_MOST,
    Hit,
    Sanction,
    Sanctions,
    is_network,
    mask_of,
    network_named,
    network_of,
)

NOW = 1000


def hit(person: str, address: str = "", made: int = 0) -> Hit:
    return Hit(person, network_of(address), made)


@pytest.fixture
def bans() -> Sanctions:
    return Sanctions()


class HittingTests:
    def test_nobody_is_hit_by_nothing(self, bans: Sanctions) -> None:
        """Where nobody is banned there is nothing to look for."""
        assert not bans
        assert bans.hitting(hit("g1", "203.0.113.7"), NOW) is None

    def test_person(self, bans: Sanctions) -> None:
        """Who is meant is hit wherever they come from, and nobody else is."""
        ban = Sanction("bob", ("@bob",), "ann", NOW)
        bans.add(ban)
        assert bans
        assert bans.hitting(hit("@bob"), NOW) is ban
        assert bans.hitting(hit("@bob", "203.0.113.7", 1), NOW) is ban
        assert bans.hitting(hit("@cat", "203.0.113.7", 1), NOW) is None

    @pytest.mark.parametrize(
        ("mask", "address", "is_hit"),
        [
            ("203.0.113.0/24", "203.0.113.7", True),
            ("203.0.113.0/24", "203.0.114.7", False),
            ("203.0.113.0/24", "2001:db8::1", False),
            ("203.0.113.0/24", "", False),
            ("2001:db8::/32", "2001:db8:1::7", True),
            ("2001:db8::/32", "203.0.113.7", False),
            ("::/0", "203.0.113.7", False),
            ("203.0.113.7/32", "203.0.113.7", True),
            ("203.0.113.7/32", "203.0.113.8", False),
            ("2001:db8::/64", "2001:db8::7", True),
            ("2001:db8::/64", "2001:db8:0:1::7", False),
        ],
    )
    def test_network(self, bans: Sanctions, mask: str, address: str, *, is_hit: bool) -> None:
        """A network hits everybody from there, with whatever account, and nobody on this computer."""
        bans.add(Sanction(mask, (mask,), "ann", NOW))
        assert (bans.hitting(hit("@bob", address, 1), NOW) is not None) is is_hit

    @pytest.mark.parametrize(("made", "is_hit"), [(0, True), (NOW - 1, False), (NOW, False), (NOW + 1, True)])
    def test_neighbours(self, bans: Sanctions, made: int, *, is_hit: bool) -> None:
        """With a guest those from there are hit who have no account, or one that was made since."""
        bans.add(Sanction("gast", ("g1", "~203.0.113.7/32"), "ann", NOW))
        assert (bans.hitting(hit("x", "203.0.113.7", made), NOW + 5) is not None) is is_hit

    @pytest.mark.parametrize(("name", "is_hit"), [("=troll", True), ("=trol", False), ("", False)])
    def test_name(self, bans: Sanctions, name: str, *, is_hit: bool) -> None:
        """Guests who go by that name are hit from wherever they come; those with an account have no such mask."""
        bans.add(Sanction("troll", ("g1", mask_of("Troll")), "ann", NOW, until=NOW + 10))
        assert (bans.hitting(Hit("g2", None, name=name), NOW) is not None) is is_hit
        assert bans.hitting(Hit("g2", None, name=name), NOW + 10) is None

    def test_second_network_is_looked_at_too(self, bans: Sanctions) -> None:
        """What does not hit does not keep another from it."""
        bans.add(Sanction("old", ("203.0.113.0/24",), "ann", NOW, until=NOW + 1))
        bans.add(Sanction("new", ("203.0.113.7/32",), "ann", NOW))
        found = bans.hitting(hit("g1", "203.0.113.7"), NOW + 1)
        assert found is not None
        assert found.who == "new"


class HoldingTests:
    def test_until_then_and_not_longer(self, bans: Sanctions) -> None:
        """A ban ends by itself, for persons as for networks."""
        bans.add(Sanction("bob", ("@bob", "203.0.113.0/24"), "ann", NOW, until=NOW + 10))
        for who in (hit("@bob"), hit("g1", "203.0.113.9")):
            assert bans.hitting(who, NOW + 9) is not None
            assert bans.hitting(who, NOW + 10) is None
        assert [each.who for each in bans.holding(NOW + 9)] == ["bob"]
        assert list(bans.holding(NOW + 10)) == []

    def test_lifted(self, bans: Sanctions) -> None:
        """What is lifted hits nobody; to lift what is not there is nothing."""
        bans.add(Sanction("Bob", ("@bob", "~203.0.113.0/24"), "ann", NOW))
        bans.lift("nobody")
        assert bans.named("BOB") is not None
        bans.lift("bOB")
        assert not bans
        assert bans.named("bob") is None
        assert bans.hitting(hit("@bob", "203.0.113.7"), NOW) is None

    def test_again_is_instead(self, bans: Sanctions) -> None:
        """Of one name there is one: the last."""
        bans.add(Sanction("bob", ("@bob",), "ann", NOW, until=NOW + 10))
        bans.add(Sanction("BOB", ("@bob",), "ann", NOW))
        assert [each.who for each in bans.holding(NOW)] == ["BOB"]
        assert bans.hitting(hit("@bob"), NOW + 10) is not None

    def test_two_that_hit_one_person(self, bans: Sanctions) -> None:
        """Whoever is banned under two names stays so when one of them is lifted, or ends."""
        bans.add(Sanction("bob", ("@bob",), "ann", NOW))
        bans.add(Sanction("rob", ("@bob",), "ann", NOW, until=NOW + 10))
        assert bans.hitting(hit("@bob"), NOW + 10) is not None
        bans.lift("rob")
        assert bans.hitting(hit("@bob"), NOW) is not None
        bans.lift("bob")
        assert bans.hitting(hit("@bob"), NOW) is None


class FollowingTests:
    def test_to_who_they_are_now(self, bans: Sanctions) -> None:
        """Whoever becomes somebody else stays banned; so does nobody else, and once is enough."""
        bans.add(Sanction("bob", ("g1",), "ann", NOW))
        bans.add(Sanction("cat", ("g2",), "ann", NOW))
        bans.follow("g1", "@bob")
        bans.follow("g1", "@bob")
        found = bans.hitting(hit("@bob"), NOW)
        assert found is not None
        assert found.masks == ("g1", "@bob")
        assert bans.hitting(hit("g1"), NOW) is found

    def test_not_without_end(self, bans: Sanctions) -> None:
        """Whoever becomes somebody else again and again does not make a ban grow for ever."""
        bans.add(Sanction("bob", ("g0",), "ann", NOW))
        for number in range(MASKS_MOST):
            bans.follow("g0", f"g{number + 1}")
        found = bans.named("bob")
        assert found is not None
        assert len(found.masks) == MASKS_MOST
        assert bans.hitting(hit(f"g{MASKS_MOST}"), NOW) is None


class NetworkTests:
    @pytest.mark.parametrize(
        ("address", "network"),
        [
            ("203.0.113.7", "203.0.113.7/32"),
            ("::ffff:203.0.113.7", "203.0.113.7/32"),
            ("2001:db8::7", "2001:db8::/64"),
            ("fe80::1%eth0", "fe80::/64"),
            ("127.0.0.1", "None"),
            ("::1", "None"),
            ("", "None"),
            ("nowhere", "None"),
        ],
    )
    def test_network_of_a_person(self, address: str, network: str) -> None:
        """One person has one address, or a /64; who is on this computer has none."""
        assert str(network_of(address)) == network

    @pytest.mark.parametrize(
        ("word", "network"),
        [
            ("203.0.113.7", "203.0.113.7/32"),
            ("203.0.113.7/24", "203.0.113.0/24"),
            ("2001:db8::7", "2001:db8::/64"),
            ("2001:db8::7/96", "2001:db8::/64"),
            ("2001:db8::/32", "2001:db8::/32"),
            ("127.0.0.1", "127.0.0.1/32"),
            ("bob", "None"),
            ("203.0.113", "None"),
            ("12", "None"),
        ],
    )
    def test_network_that_is_typed(self, word: str, network: str) -> None:
        """It is no smaller than what one person has, for it would hit nobody."""
        assert str(network_named(word)) == network

    def test_ids_are_no_networks(self) -> None:
        """Networks have dots or colons, which ids have not, and names only after a mark."""
        assert [is_network(mask) for mask in ("@ab12", "ab12", "=a.b", "~203.0.113.7/32", "::/0")] == [
            False,
            False,
            False,
            True,
            True,
        ]
