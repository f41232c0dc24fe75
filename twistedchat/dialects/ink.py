"""What stands out on a terminal: names in their colours, and the server's own lines dim."""

from __future__ import annotations

_COLORS = tuple(f"\x1b[{number}m" for number in (36, 33, 32, 35, 34, 96))
_DIM, _PLAIN = "\x1b[2m", "\x1b[0m"


def name(nick: str) -> str:
    """Return a nickname in its colour, which is always the same."""
    return f"{_COLORS[sum(nick.encode()) % len(_COLORS)]}{nick}{_PLAIN}"


def dim(words: str) -> str:
    """Return words of the server's, which stand back behind those of people."""
    return f"{_DIM}{words}{_PLAIN}"
