"""The settings of the server, read again while it goes on."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from msgspec import Struct


class Reread(Struct, frozen=True):
    """Settings that can be used: what is other than before, and what will be only when the server starts again.

    `guests` is what guests may on this server; the rest is for `apply`.
    """

    changed: tuple[str, ...]
    waiting: tuple[str, ...]
    guests: str
    apply: Callable[[], None]

    @property
    def lines(self) -> tuple[str, ...]:
        """The same in words."""
        now = f"Other from now on: {', '.join(self.changed)}." if self.changed else "Nothing is other than before."
        later = (f"Only at the next start: {', '.join(self.waiting)}.",) if self.waiting else ()
        return (now, *later)


Rereading: TypeAlias = Callable[[], Reread]
"""Reads them, and raises `BadSettings` where they cannot be used."""


def no_settings(guests: str) -> Rereading:
    """Return what reads none, for a server that has no others than it was made with."""
    return lambda: Reread((), (), guests, lambda: None)
