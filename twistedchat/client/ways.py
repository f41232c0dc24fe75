"""How a server is reached, and what that is worth: a rule of addresses and certificates, as values.

On this computer, which is where both ends of a connection have the same address or the
server's is a loopback one, nobody is in between: the way there is plain, or TLS where the
port speaks nothing else, and no certificate is looked at. From anywhere else it is TLS,
with a certificate that can be trusted, or else whoever types has to agree.
"""

from __future__ import annotations

from dataclasses import dataclass

from twistedchat.client.exits import NOT_PRIVATE, FatalError, Place, is_loopback, not_private

VOUCHED = "certificate vouched for"
KNOWN = "certificate known"
WANTED = "certificate as asked for"
UNKNOWN = "certificate unknown"


@dataclass(frozen=True)
class Way:
    """One connection: whether it stays on this computer (``near``), and whether it is TLS.

    ``why`` says what speaks for the certificate; ``unknown`` is the fingerprint of one for which nothing does.
    """

    near: bool = False
    tls: bool = False
    why: str = ""
    unknown: str = ""

    @property
    def private(self) -> bool:
        """Whether nobody on the way can read what is sent."""
        return self.near or (self.tls and not self.unknown)

    def __str__(self) -> str:
        how = self.why if self.tls else "over the network"
        return f"{'TLS' if self.tls else 'plain'}, {'same computer' if self.near else how}"


def is_near(here: str | None, there: str | None) -> bool:
    """Tell by the addresses of both ends whether nobody else's wire lies between; a UNIX socket has none."""
    return there is None or here == there or is_loopback(there)


def not_safe(place: Place, way: Way) -> FatalError:
    """Others may read what would be sent, and nobody is there to be asked."""
    return not_trusted(place, way.unknown) if way.unknown else not_private(place)


def not_trusted(place: Place, fingerprint: str) -> FatalError:
    """Nobody vouches for the certificate, and nobody is there to be asked."""
    words = (
        f"Nothing vouches for the certificate of {place}, whose SHA-256 is {fingerprint}."
        " If the server shows the same at its start, come in from a terminal once, or add --fingerprint and that"
    )
    return FatalError(NOT_PRIVATE, words)


def not_wanted(place: Place, shown: str) -> FatalError:
    """The certificate is another one than was asked for."""
    words = f"{place} shows another certificate than the one asked for: its SHA-256 is {shown}"
    return FatalError(NOT_PRIVATE, words)


def changed(place: Place, shown: str, where: str) -> FatalError:
    """The certificate is another one than is known, from the line that is ``where``."""
    words = (
        f"{place} shows another certificate than before: somebody may be in between. Its SHA-256 is {shown}."
        f" If the server shows the same at its start, it has a new one: remove {where}"
    )
    return FatalError(NOT_PRIVATE, words)


def no_certificate(place: Place) -> FatalError:
    """A certain certificate was asked for, and there is no TLS."""
    return FatalError(NOT_PRIVATE, f"{place} has no TLS, so that it cannot show the certificate asked for")


def no_more_tls(place: Place, where: str = "") -> FatalError:
    """A server that had TLS speaks none now; ``where`` is the line that says so, if one does."""
    hint = f" If it is right that it has none any more, remove {where}" if where else ""
    return FatalError(NOT_PRIVATE, f"{place} had TLS before, and has none now: somebody may be in between.{hint}")
