"""What whoever starts the daemon sees when it is ready."""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING

import twisted

from twistedchat import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

SURVIVES = {
    "power": "survives a power cut",
    "process": "survives a crash of the daemon, not a power cut",
}


def ready(local_ports: Sequence[int], others: Sequence[str], database: Path, *, new: bool, durability: str) -> str:
    """Return the lines; `local_ports` are for this computer only, `others` are addresses as they were given."""
    twisted_version = ".".join(str(twisted.__version__).split(".")[:2])
    python = platform.python_version_tuple()
    lines = [f"tcpchat {__version__} is ready (Twisted {twisted_version}, Python {python[0]}.{python[1]})"]
    lines += [f"  people   tcpchat-client localhost {port}      or   nc localhost {port}" for port in local_ports]
    lines += [f"  people   {address}" for address in others]
    age = "new" if new else "as it was left"
    lines.append(f"  kept in  {database} ({age}; {SURVIVES[durability]})")
    if local_ports and not others:
        lines.append("  reach    only this computer; an endpoint such as --port tcp:55555 is for others too")
    return "\n".join(lines)
