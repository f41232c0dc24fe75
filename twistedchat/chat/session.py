"""Somebody at a door, and the person they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twistedchat.chat.prefs import Prefs
from twistedchat.chat.rate import Bucket
from twistedchat.chat.sanctions import Hit, Network, mask_of, network_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from twistedchat.chat.accounts import Account
    from twistedchat.chat.room import Room

SEARCHES_AT_ONCE, SEARCHES_A_SECOND = 5, 0.5
_PLAIN = Prefs()
_NO_ROOMS: Mapping[str, Room] = {}
_NO_NETWORKS: frozenset[Network] = frozenset()


class Person:
    """Whoever is behind one or several sessions: a guest, or the owner of an account.

    `id` is what their messages, roles and bans are known by; it outlives the visit of a
    guest who has a secret to come back with. `partner` is the person with whom they have
    exchanged private messages last, `networks` where those visits came from that are over,
    `confirming` what they have been asked to say twice, and since when (ms).
    """

    __slots__ = (
        "_searches",
        "account",
        "admin",
        "away",
        "confirming",
        "id",
        "networks",
        "nick",
        "partner",
        "prefs",
        "sessions",
    )

    def __init__(self, id: str, account: Account | None = None) -> None:  # noqa: A002 - the field's word
        self.id = id
        self.account = account
        self.nick = account.name if account else ""
        self.admin = account is not None and account.admin
        self.prefs = account.prefs if account else _PLAIN
        self.away = self.prefs.away
        self.partner = ""
        self.confirming = ("", 0)
        self.networks = _NO_NETWORKS
        self._searches: Bucket | None = None
        self.sessions: tuple[Session, ...] = ()  # most have one, and a dict takes three times as much

    @property
    def bot(self) -> bool:
        """Whether they say, or one of their visits does, that they are a program."""
        return self.prefs.bot or any(session.bot for session in self.sessions)

    @property
    def searches(self) -> Bucket:
        """How often they may still look through the past."""
        self._searches = self._searches or Bucket(SEARCHES_AT_ONCE, SEARCHES_A_SECOND, 0)
        return self._searches

    @property
    def made(self) -> int:
        """When their account was made (ms), 0 for guests."""
        return self.account.made if self.account else 0


class Session:
    """One visit: its nickname, whose it is, and the rooms it is in.

    `by` is the id of its `person`, and the scope of their `cid`s. `rooms` is replaced and never
    changed, as many share it. `active` is the room
    that what they type goes to, `unsettled` how many of its messages wait for their
    commit. `secret_hash` is what it can come back with ("" for nothing), `key` the one it
    has named at a room's door last. What is typed on a `confidential` one cannot be read on
    the way; a `bot` says that it is no person's.
    """

    __slots__ = (
        "active",
        "address",
        "bot",
        "by",
        "confidential",
        "gone",
        "id",
        "key",
        "network",
        "nick",
        "origin",
        "person",
        "renaming",
        "rooms",
        "secret_hash",
        "unsettled",
    )

    def __init__(
        self,
        id: str,  # noqa: A002 - the field's word
        person: Person,
        *,
        secret_hash: str = "",
        address: str = "",
        confidential: bool = True,
        bot: bool = False,
    ) -> None:
        self.id = id
        self.person = person
        self.by = person.id
        self.secret_hash = secret_hash
        self.address = address
        self.network = network_of(address)
        self.origin = str(self.network) if self.network else ""
        self.confidential = confidential
        self.bot = bot
        self.key = ""
        self.gone = False
        self.renaming = False
        self.unsettled = 0
        self.nick = ""
        self.rooms: Mapping[str, Room] = _NO_ROOMS
        self.active: Room | None = None

    @property
    def returns(self) -> bool:
        """Whether it has a secret to come back with."""
        return bool(self.secret_hash)

    @property
    def hit(self) -> Hit:
        """What a ban or a mute may hit of it."""
        name = mask_of(self.nick) if self.person.account is None else ""
        return Hit(self.by, self.network, self.person.made, self.origin, name)
