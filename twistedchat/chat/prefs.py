"""How one person wants to be told things."""

from __future__ import annotations

from msgspec import Struct


class Prefs(Struct, frozen=True):
    """What ``/set``, ``/away``, ``/ignore`` and ``/quiet`` say; kept for accounts.

    Of a `bot` others are told that it is one.
    `quiet` hides who comes and goes: "off" nobody, "smart" those who matter little in
    a large room, "all" everybody. `ignoring` has the ids of whose words are not shown,
    and how they were called then.
    """

    echo: bool = False
    time: bool = False
    color: bool = False
    bell: bool = False
    quiet: str = "smart"
    away: str = ""
    bot: bool = False
    numbers: bool = False
    ignoring: dict[str, str] = {}
