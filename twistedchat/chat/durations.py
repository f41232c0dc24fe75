"""How long: 30s, 10m, 2h, 7d."""

from __future__ import annotations

import re

from twistedchat.chat.errors import BadUsage

SECOND = 1000
_UNITS = {"s": SECOND, "m": 60 * SECOND, "h": 3600 * SECOND, "d": 86_400 * SECOND, "w": 7 * 86_400 * SECOND}
NEARLY_TWO = 1.95
_DURATION = re.compile(r"(?:[1-9][0-9]{0,5}[smhdw])+", re.ASCII | re.IGNORECASE)
_PART = re.compile(r"([0-9]+)([smhdw])")


def is_duration(word: str) -> bool:
    """Tell whether `word` says how long."""
    return _DURATION.fullmatch(word) is not None


def duration(word: str) -> int:
    """Return how long `word` says, in milliseconds; raise `BadUsage` where it does not."""
    if not is_duration(word):
        raise BadUsage(f"{word} is no time: 30s, 10m, 2h and 7d are.")
    return sum(int(number) * _UNITS[unit] for number, unit in _PART.findall(word.lower()))


def roughly(milliseconds: int) -> str:
    """Return about how long that is: 3h rather than 9241s."""
    unit = next((unit for unit in ("d", "h", "m") if milliseconds >= NEARLY_TWO * _UNITS[unit]), "s")
    return f"{-(-milliseconds // _UNITS[unit])}{unit}"


def in_words(milliseconds: int) -> str:
    """Return the shortest way to type a duration: 90m, 2h, 7d."""
    for unit in ("d", "h", "m"):
        if milliseconds and milliseconds % _UNITS[unit] == 0:
            return f"{milliseconds // _UNITS[unit]}{unit}"
    return f"{-(-milliseconds // SECOND)}s"
