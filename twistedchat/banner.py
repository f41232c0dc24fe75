"""What whoever starts the daemon sees when it is ready."""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING

import twisted
from msgspec import Struct

from twistedchat import __version__

if TYPE_CHECKING:
    from pathlib import Path

SURVIVES = {
    "power": "survives a power cut",
    "process": "survives a crash of the daemon, not a power cut",
}


class Reach(Struct, frozen=True):
    """Who can come in where: bare `ports` at `host`, `endpoints` as they were given, and TLS's fingerprint or ""."""

    ports: tuple[int, ...]
    endpoints: tuple[str, ...]
    host: str = "localhost"
    fingerprint: str = ""


def invitation(code: str) -> str:
    """Return how somebody becomes admin with a one-time code."""
    return f"in the chat type  /claim {code}   (works once, for 24 h)"


def ready(reach: Reach, database: Path, *, new: bool, durability: str, code: str = "") -> str:
    """Return the lines; one of them says how to become admin, where there is a `code` for that."""
    twisted_version = ".".join(str(twisted.__version__).split(".")[:2])
    python = platform.python_version_tuple()
    lines = [f"tcpchat {__version__} is ready (Twisted {twisted_version}, Python {python[0]}.{python[1]})"]
    for port in reach.ports:
        if reach.fingerprint:
            by_hand = f"openssl s_client -quiet -connect {reach.host}:{port}"
            lines.append(f"  people   tcpchat-client {reach.host} {port}      or   {by_hand}")
        else:
            lines.append(f"  people   tcpchat-client {reach.host} {port}      or   nc {reach.host} {port}")
    lines += [f"  people   {endpoint}" for endpoint in reach.endpoints]
    age = "new" if new else "as it was left"
    lines.append(f"  kept in  {database} ({age}; {SURVIVES[durability]})")
    if code:
        lines.append(f"  admin    {invitation(code)}")
    if reach.fingerprint:
        lines.append(f"  TLS      SHA-256 {reach.fingerprint}")
    if reach.host == "localhost" and not reach.endpoints:
        lines.append("  reach    only this computer. For others too: --public, see twistd tcpchat --help")
    return "\n".join(lines)
