"""Every way in which the client gives up: its words and its exit status."""

import difflib
import os
import socket
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

from twisted.internet import error

DONE = 0
NOT_STORED = 1
NO_SUCH_HOST = 2
NO_ANSWER = 3
NOT_TCPCHAT = 4
NOT_PRIVATE = 5
NOT_WELCOME = 6
USAGE = os.EX_USAGE

PUT_OUT = "You are not in {room} any more: somebody has put you out of it, or it is gone."

ANSWER_SECONDS = 5.0
"""How long the first word of a server may take."""


class FatalError(Exception):
    """The client ends: ``words`` say why, ``status`` is what the shell gets."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status
        self.words = words


class InterruptError(Exception):
    """Ctrl-C was pressed on an empty line."""


def as_fatal(why: BaseException | None) -> FatalError:
    """Give any reason its words; what nobody foresaw gets the status of lines that are not stored."""
    return why if isinstance(why, FatalError) else FatalError(NOT_STORED, f"unexpected: {why!r}")


@dataclass(frozen=True)
class Place:
    """Where a server is looked for."""

    host: str
    port: int

    @property
    def local(self) -> bool:
        """Whether the name can only mean this computer."""
        return is_loopback(self.host)

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


def is_loopback(host: str) -> bool:
    """Whether a name or an address never leaves this computer."""
    if host.lower() in {"localhost", "localhost.localdomain", "ip6-localhost"}:
        return True
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_loopback)


def known_hosts(hosts_file: Path = Path("/etc/hosts")) -> list[str]:
    """Names of computers that this one knows without asking anybody."""
    names = ["localhost", socket.gethostname()]
    try:
        lines = hosts_file.read_text("utf-8", "replace").splitlines()
    except OSError:
        lines = []
    for line in lines:
        names += line.partition("#")[0].split()[1:]
    return list(dict.fromkeys(names))


def no_such_host(host: str, known: list[str]) -> FatalError:
    """Nobody knows a computer of this name; a name like it may be meant."""
    words = f'Cannot find the computer "{host}".'
    close = difflib.get_close_matches(host.lower(), known, 1, 0.7)
    if close:
        words += f" Did you mean {close[0]}?"
    return FatalError(NO_SUCH_HOST, words)


def no_answer(place: Place) -> FatalError:
    """Nothing came back in time."""
    words = f"No answer from {place} in {ANSWER_SECONDS:.0f} s: a firewall, or the wrong address."
    return FatalError(NO_ANSWER, words)


def cannot_connect(why: BaseException, place: Place) -> FatalError:
    """Connecting failed with ``why``, before a byte was exchanged."""
    if isinstance(why, error.DNSLookupError | ValueError):
        return no_such_host(place.host, known_hosts())
    if isinstance(why, error.TimeoutError):
        return no_answer(place)
    if isinstance(why, error.ConnectionRefusedError):
        hint = (
            f"Start the server:  twistd -n tcpchat --port {place.port}"
            if place.local
            else "Is the server running there, and is this its port?"
        )
        return FatalError(NO_ANSWER, f"Nothing listens on {place}. {hint}")
    return FatalError(NO_ANSWER, f"Cannot reach {place}: {why}")


_LOOKS_LIKE = (
    (b"SSH-", "ssh"),
    (b"HTTP/", "a web server"),
    (b"<!DOCTYPE", "a web server"),
    (b"<HTML", "a web server"),
    (b"NOTICE AUTH", "an IRC server"),
    (b"NICK", "the tutorial's server: try --tutorial"),
    (b"220", "a mail or FTP server"),
    (b"\x15\x03", "a TLS server"),
)
_IRC_NUMERIC_LENGTH = 3


def looks_like(first: bytes) -> str:
    """Who speaks like this: words for a person, or nothing if no guess is good."""
    shouted = first.lstrip().upper()
    for start, name in _LOOKS_LIKE:
        if shouted.startswith(start):
            return name
    words = shouted.split(maxsplit=2)
    if len(words) > 1 and words[0].startswith(b":"):
        irc = words[1] == b"NOTICE" or (words[1].isdigit() and len(words[1]) == _IRC_NUMERIC_LENGTH)
        return "an IRC server" if irc else ""
    return "an IRC server" if words[:1] == [b"ERROR"] else ""


def not_tcpchat(place: Place, first: bytes) -> FatalError:
    """Something else answered, beginning with ``first``."""
    guess = looks_like(first)
    return FatalError(NOT_TCPCHAT, f"{place} is not tcpchat" + (f" (it looks like {guess})." if guess else "."))


def not_private(place: Place) -> FatalError:
    """The way to the server can be read by others, and nobody is there to be asked."""
    words = f"{place} has no TLS: what you send can be read on the way. If that is all right, add --insecure"
    return FatalError(NOT_PRIVATE, words)
