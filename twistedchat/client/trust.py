"""Which certificates are trusted: a file of those that somebody has agreed to, and what is said on the command line.

The file is ``$XDG_STATE_HOME/tcpchat/known_servers``, or in ``~/.local/state``: a line for each
server, with its address and its certificate's SHA-256. What the system's own roots vouch for,
under the name by which the server was asked for, needs no line and is never looked up there.
"""

from __future__ import annotations

import fcntl
import os
import re
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from twistedchat.client.exits import NOT_PRIVATE, FatalError, Place
from twistedchat.client.notebook import replace_file
from twistedchat.client.ways import (
    KNOWN,
    UNKNOWN,
    VOUCHED,
    WANTED,
    Way,
    changed,
    no_certificate,
    no_more_tls,
    not_trusted,
    not_wanted,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

_SHA256 = re.compile(r"[0-9A-F]{64}")


def fingerprint(text: str) -> str:
    """Return a SHA-256 as the server writes it (``AB:CD:...``); colons and capitals may be missing.

    :raises ValueError: it is none.
    """
    digits = text.replace(":", "").upper()
    if not _SHA256.fullmatch(digits):
        raise ValueError(f"{text!r} is no SHA-256 fingerprint: 64 hexadecimal digits are needed")
    return ":".join(digits[n : n + 2] for n in range(0, len(digits), 2))


def known_servers() -> Path | None:
    """Return where the known certificates stand; None for somebody without a home."""
    given = os.environ.get("XDG_STATE_HOME", "")
    try:
        folder = Path(given) if Path(given).is_absolute() else Path.home() / ".local" / "state"
    except RuntimeError:
        return None
    return folder / "tcpchat" / "known_servers"


@dataclass(frozen=True)
class Line:
    """A line of the file about one server; without a ``fingerprint`` it cannot be read."""

    where: str
    fingerprint: str


class KnownServers:
    """The file; without a path nothing is known, and nothing can be kept."""

    def __init__(self, path: Path | None) -> None:
        self._path = path

    def about(self, place: Place) -> list[Line]:
        """Return what is known of a server.

        :raises FatalError: the file cannot be read.
        """
        return [
            Line(f"line {number} of {self._path}", _read_fingerprint(words[1:2]))
            for number, line in enumerate(self._lines(), 1)
            if (words := line.split()) and words[0].casefold() == _name(place)
        ]

    def keep(self, place: Place, certificate: str) -> None:
        """Add a line, so that at every moment the file is a whole one that only its owner can read.

        :raises OSError: it cannot be written.
        """
        if self._path is None:
            raise OSError(0, "there is no home folder")
        path = self._path.resolve()
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _locked(path.parent):
            lines = [*self._lines(), f"{_name(place)} {certificate}"]
            replace_file(path, "".join(f"{line}\n" for line in lines).encode("utf-8", "surrogateescape"))

    def _lines(self) -> list[str]:
        try:
            text = "" if self._path is None else self._path.read_text("utf-8", "surrogateescape")
        except FileNotFoundError:
            return []
        except OSError as why:
            raise FatalError(NOT_PRIVATE, f"Cannot read {self._path}: {why.strerror}.") from None
        return text.removesuffix("\n").split("\n") if text else []


class Trust:
    """Whom to believe that they are the server at a place, over all connections to it.

    A server that is in the file, and one whose ``certificate`` is given, has to show that
    one whatever else is said; then ``insecure`` is content with any, and with none. The
    first connection may be one that is not private, for somebody will decide about that;
    from then on none is less private than what was agreed to.
    """

    def __init__(self, place: Place, known: KnownServers, certificate: str = "", *, insecure: bool = False) -> None:
        self.place = place
        self.first = True
        """Whether nobody was reached so far."""
        self._known = known
        self._wanted = fingerprint(certificate) if certificate else ""
        self._insecure = insecure
        self._open = True
        self._agreed = ""

    @property
    def wants_tls(self) -> bool:
        """Whether it has to be TLS on this computer, too."""
        return bool(self._wanted)

    def plain(self, *, near: bool) -> Way:
        """Return what a way without TLS is.

        :raises FatalError: it cannot be gone.
        """
        if self._wanted:
            raise no_certificate(self.place)
        if near:
            return Way(near=True)
        known = self._about()
        if known:
            raise no_more_tls(self.place, known[0].where)
        if not (self._open or self._insecure):
            raise no_more_tls(self.place)
        return Way()

    def certified(self, certificate: str, *, near: bool, vouched: bool) -> Way:
        """Return what a way by TLS is, where this certificate was shown.

        :raises FatalError: it cannot be gone.
        """
        if not certificate:
            raise not_trusted(self.place, "missing")
        if self._wanted:
            if certificate != self._wanted:
                raise not_wanted(self.place, certificate)
            return Way(near=near, tls=True, why=WANTED)
        if near or vouched:
            return Way(near=near, tls=True, why=VOUCHED)
        known = self._about()
        if certificate in {self._agreed, *(line.fingerprint for line in known)}:
            return Way(tls=True, why=KNOWN)
        if known:
            raise changed(self.place, certificate, known[0].where)
        if not (self.first or self._insecure):
            raise not_trusted(self.place, certificate)
        return Way(tls=True, why=UNKNOWN, unknown=certificate)

    def _about(self) -> list[Line]:
        try:
            return self._known.about(self.place)
        except FatalError:
            if self._insecure:
                return []
            raise

    def gone(self, way: Way) -> None:
        """Take note that a connection stands: what is said from here on may be read by others only if it may now."""
        self.first = False
        self._open = not (way.near or way.tls)

    def keep(self, certificate: str) -> str:
        """Trust a certificate from now on, as somebody has agreed to; return why that cannot be kept, or nothing."""
        self._agreed = certificate
        try:
            self._known.keep(self.place, certificate)
        except OSError as why:
            return f"It could not be kept: {why.strerror or why}. You will be asked again."
        return ""


def _name(place: Place) -> str:
    """Write a place as the file has it."""
    return str(Place(place.host.casefold().rstrip("."), place.port))


def _read_fingerprint(words: list[str]) -> str:
    try:
        return fingerprint("".join(words))
    except ValueError:
        return ""


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Let nobody else write meanwhile."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
