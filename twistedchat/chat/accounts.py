"""Accounts: whose a name is, whoever is here."""

from __future__ import annotations

from msgspec import Struct

from twistedchat.chat.prefs import Prefs

ACCOUNT = "@"
"""How the id of an account begins; a guest's does not."""


def is_account(person: str) -> bool:
    """Tell whether that is the id of an account, or else a guest's."""
    return person.startswith(ACCOUNT)


class Account(Struct):
    """One account: its `name` is its nickname. `seen` is the last `id` its person was told of, `made` when (ms)."""

    id: str
    name: str
    made: int
    admin: bool = False
    seen: int = 0
    prefs: Prefs = Prefs()
