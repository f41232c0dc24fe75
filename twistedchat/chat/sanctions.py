"""Bans and mutes: whom they hit, and until when.

A mask says who is meant: the id of an account or a guest; a network, for everybody
from there; or a network after a ``~``, for those from there who have no account, or one
that was made since; or a nickname after a ``=``, for guests who go by it. A guest who is
banned is hit by all three, for a guest's id is new at each visit, and their neighbours
with accounts are not to suffer for it.
"""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct, structs

if TYPE_CHECKING:
    from collections.abc import Iterator

Network: TypeAlias = IPv4Network | IPv6Network
YOUNG, CALLED = "~", "="
ONE_PERSON = {4: 32, 6: 64}
"""How long the prefix of the network is that one person has, by the version of IP."""
MASKS_MOST = 50
"""Of so many masks a ban grows no more by whom the person it hits becomes."""


class Sanction(Struct, frozen=True):
    """One ban or one mute, called `who`; `by` (a nickname) said so at the time `at` (ms). `until` 0 is for ever."""

    who: str
    masks: tuple[str, ...]
    by: str
    at: int
    until: int = 0
    why: str = ""

    def holds(self, at: int) -> bool:
        """Tell whether it holds at the time `at` (ms)."""
        return not self.until or at < self.until


class Hit(Struct, frozen=True):
    """Who may be hit: their `id`, where they come from, and when their account was `made` (ms).

    For guests that is 0, and `name` the mask of theirs, which is "" for those with an account.
    """

    id: str
    network: Network | None
    made: int = 0
    origin: str = ""
    name: str = ""


class Sanctions:
    """The bans, or the mutes, of one room or of the server."""

    __slots__ = ("_by_id", "_by_name", "_narrow", "_wide", "some")

    def __init__(self) -> None:
        self._by_name: dict[str, Sanction] = {}
        self._by_id: dict[str, tuple[Sanction, ...]] = {}
        self._narrow: dict[str, tuple[tuple[bool, Sanction], ...]] = {}
        self._wide: list[tuple[Network, bool, Sanction]] = []
        self.some = False
        """Whether there are any; asked for with every message, so it costs no call."""

    def __bool__(self) -> bool:
        return bool(self._by_name)

    def holding(self, at: int) -> Iterator[Sanction]:
        """Return those that hold at the time `at` (ms)."""
        return (each for each in self._by_name.values() if each.holds(at))

    def named(self, who: str) -> Sanction | None:
        """Return the one that is called so, whatever the case."""
        return self._by_name.get(who.casefold())

    def add(self, sanction: Sanction) -> None:
        """Have it hold, in place of the one of the same name."""
        self.lift(sanction.who)
        self._by_name[sanction.who.casefold()] = sanction
        self.some = True
        for mask in sanction.masks:
            if is_network(mask):
                self._add_network(ip_network(mask.removeprefix(YOUNG)), sanction, young=mask.startswith(YOUNG))
            else:
                self._by_id[mask] = (*self._by_id.get(mask, ()), sanction)

    def _add_network(self, network: Network, sanction: Sanction, *, young: bool) -> None:
        if network.prefixlen == ONE_PERSON[network.version]:
            self._narrow[str(network)] = (*self._narrow.get(str(network), ()), (young, sanction))
        else:
            self._wide.append((network, young, sanction))

    def follow(self, old: str, new: str) -> None:
        """Have those that hit the person `old` hit `new` as well, which is who they are now."""
        for each in [each for each in self._by_name.values() if old in each.masks and new not in each.masks]:
            if len(each.masks) < MASKS_MOST:
                self.add(structs.replace(each, masks=(*each.masks, new)))

    def lift(self, who: str) -> None:
        """Have the one of that name hold no more."""
        gone = self._by_name.pop(who.casefold(), None)
        if gone is not None:
            left = {id_: tuple(each for each in those if each is not gone) for id_, those in self._by_id.items()}
            self._by_id = {id_: those for id_, those in left.items() if those}
            narrow = {
                name: tuple(each for each in those if each[1] is not gone) for name, those in self._narrow.items()
            }
            self._narrow = {name: those for name, those in narrow.items() if those}
            self._wide = [each for each in self._wide if each[2] is not gone]
            self.some = bool(self._by_name)

    def hitting(self, hit: Hit, at: int) -> Sanction | None:
        """Return one that hits them at the time `at`, if any does."""
        for each in (*self._by_id.get(hit.id, ()), *self._by_id.get(hit.name, ())):
            if each.holds(at):
                return each
        if hit.network is None:
            return None
        for young, each in self._narrow.get(hit.origin or str(hit.network), ()):
            if _hits(each, hit, at, young=young):
                return each
        for network, young, each in self._wide:
            inside = network.version == hit.network.version and hit.network.network_address in network
            if inside and _hits(each, hit, at, young=young):
                return each
        return None


def _hits(sanction: Sanction, hit: Hit, at: int, *, young: bool) -> bool:
    """Tell whether what is said about a network holds for somebody there."""
    return sanction.holds(at) and not (young and hit.made and hit.made <= sanction.at)


def is_network(mask: str) -> bool:
    """Tell whether a mask is a network; ids have no dots and no colons, but nicknames may."""
    return not mask.startswith(CALLED) and ("." in mask or ":" in mask)


def mask_of(nick: str) -> str:
    """Return the mask of guests who go by that nickname."""
    return CALLED + nick.casefold()


def network_named(word: str) -> Network | None:
    """Return the network that was typed, no smaller than what one person has, if it is one."""
    try:
        found = ip_network(word, strict=False)
    except ValueError:
        return None
    own = network_of(str(found.network_address))
    return found if own is None or found.prefixlen <= own.prefixlen else own


@lru_cache(maxsize=1024)
def network_of(address: str) -> Network | None:
    """Return the network that one person has: their address, with IPv6 its /64; None for who is on this computer."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return None
    found = getattr(found, "ipv4_mapped", None) or found
    if found.is_loopback:
        return None
    return ip_network((found, 64 if found.version == 6 else 32), strict=False)  # noqa: PLR2004 - IPv6
