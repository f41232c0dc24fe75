"""``--since``: from where on somebody wants to read, and where that is in a room."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from twistedchat.client.tap import events_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from twistedchat.client import wire

    Ask = Callable[[int, int], Awaitable[wire.Reply]]

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_PART = re.compile(r"([0-9]{1,6})([smhdw])", re.ASCII)
_SPAN = re.compile(rf"(?:{_PART.pattern})+", re.ASCII)


@dataclass(frozen=True)
class Since:
    """So long ago, or since a certain time, or with neither from the beginning on."""

    ago: timedelta | None = None
    time: datetime | None = None

    def start(self, now: str) -> str:
        """Return the first time that is meant, as the server writes times, whose time is ``now`` there."""
        if self.time is not None:
            return _written(self.time)
        if self.ago is None:
            return ""
        try:
            return _written((datetime.fromisoformat(now) if now else datetime.now(UTC)) - self.ago)
        except (ValueError, OverflowError):  # before the first year, or no time at all
            return ""


def since(text: str) -> Since:
    """Read ``10m``, ``1h30m``, ``7d``, ``2026-11-22``, ``2026-11-22T19:04``, ``19:04`` (today) or ``all``.

    :raises ValueError: it is none of these.
    """
    if text == "all":
        return Since()
    if _SPAN.fullmatch(text):
        parts = [timedelta(**{_UNITS[unit]: int(number)}) for number, unit in _PART.findall(text)]
        return Since(ago=sum(parts, timedelta()))
    day = datetime.now().astimezone().strftime("%Y-%m-%dT") if ":" in text[:3] else ""
    try:
        return Since(time=datetime.fromisoformat(day + text).astimezone())
    except (ValueError, OverflowError):
        raise ValueError(f"{text!r} is no time: 10m, 2h, 7d, 19:04, 2026-11-22 or all are") from None


async def before(start: str, head: int, ask: Ask) -> int:
    """Return the last ``seq`` up to ``head`` of what happened earlier, 0 where nothing did.

    ``ask`` asks for what follows a ``seq``, so many at most. The times of a room never run
    backwards, so that a few questions are enough, however much was said.
    """
    low, high = 0, head
    while low < high:
        middle = (low + high) // 2
        for event in events_of(await ask(middle, 1))[:1]:
            if event.at < start:
                low = event.seq
                break
        else:
            high = middle
    return low


def _written(time: datetime) -> str:
    """Write a time as the server does, so that times can be compared as texts."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
