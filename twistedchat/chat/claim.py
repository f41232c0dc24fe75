"""The one-time code that makes somebody admin of the server."""

from __future__ import annotations

from hashlib import sha256


def claim_hash(code: str) -> str:
    """Return what a code is known by; case, blanks and dashes do not count."""
    plain = "".join(char for char in code.upper() if char.isalnum())
    return sha256(plain.encode("utf-8", "replace")).hexdigest()
