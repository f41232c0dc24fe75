"""The command line of ``twistd tcpchat``: what is typed becomes settings, or one clear line."""

from __future__ import annotations

import os
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from twisted.logger import LoggingFile
from twisted.python import usage

from twistedchat import __version__
from twistedchat.addresses import PortError, is_bare, probe
from twistedchat.banner import invitation
from twistedchat.config import ConfigError, Settings, load
from twistedchat.store.claim import new_claim
from twistedchat.store.errors import StoreError
from twistedchat.store.files import DATABASE, Lock

if TYPE_CHECKING:
    from collections.abc import Sequence

IN_THE_OPEN = (
    "--public lets everybody reach it: use --tls auto (or --tls DIR with cert.pem and key.pem),"
    " or --insecure if what is typed may be read on the way"
)
PLAIN_LOG = "twistedchat.plainlog.observer"
TWISTD_PIDFILE = "twistd.pid"
"""What twistd calls its pidfile unless it is told otherwise."""
PIDFILE = "tcpchat.pid"


def fail(message: str, status: int = 1) -> NoReturn:
    """End with a line on stderr and an exit status, and no traceback.

    Once twistd logs, it has put its log in place of stderr; the line goes past it.
    """
    stderr = sys.__stderr__ if isinstance(sys.stderr, LoggingFile) else sys.stderr
    if stderr is not None:
        stderr.write(f"tcpchat: {message}\n")
    raise SystemExit(status)


class Options(usage.Options):
    """What ``twistd tcpchat`` can be told."""

    synopsis = "[options]"
    longdesc = (
        "A chat for netcat, telnet, bots and people on one port. Without options it listens on port 55555 for"
        " this computer only, and keeps everything in tcpchat.db in this folder."
    )
    optFlags = (
        ("public", None, "let everybody reach the bare ports; wants --tls or --insecure"),
        ("insecure", None, "be public without TLS: what is typed can be read on the way"),
        ("check", None, "try the settings, say whether they are right (exit status 0 or 1), and end"),
        ("admin-code", None, "print a new one-time code by which somebody becomes admin, and end"),
    )

    def __init__(self) -> None:
        super().__init__()
        self["port"], self["set"] = [], []
        self["data"] = self["config"] = self["tls"] = None
        self.settings = Settings()
        self.lock: Lock | None = None
        self._folder = Path.cwd()

    def opt_port(self, port: str) -> None:
        """A port for this computer only, or a Twisted endpoint (tcp: ssl: unix: systemd:); may be repeated."""
        self["port"].append(port)

    opt_p = opt_port

    def opt_data(self, folder: str) -> None:
        """The folder for tcpchat.db and our pidfile (default: this one)."""
        self["data"] = folder

    def opt_tls(self, folder: str) -> None:
        """A folder with cert.pem and key.pem for the bare ports, or auto to have them made."""
        self["tls"] = folder

    def opt_config(self, path: str) -> None:
        """A TOML file with settings."""
        self["config"] = path

    def opt_set(self, change: str) -> None:
        """One setting, as in limits.per_second=0; may be repeated."""
        self["set"].append(change)

    def opt_version(self) -> None:
        """Show the version and end."""
        sys.stdout.write(f"tcpchat {__version__}\n")
        raise SystemExit(0)

    def parseOptions(self, options: Sequence[str] | None = None) -> None:
        """Parse, and end with one line where that cannot be done."""
        try:
            super().parseOptions(options)
        except usage.UsageError as error:
            fail(f"{error}; see twistd tcpchat --help")

    def parseArgs(self, *arguments: str) -> None:
        """Take no arguments."""
        if arguments:
            fail(f"what is {arguments[0]}? Options begin with --, as in --port 55555; see twistd tcpchat --help")

    def postOptions(self) -> None:
        """Make the settings, and find out now what would go wrong later."""
        try:
            self.settings = self.read()
        except ConfigError as error:
            fail("\ntcpchat: ".join(error.lines))
        listen = self.settings.listen
        data = Path(self.settings.server.data).absolute()
        if not data.is_dir():
            fail(f"there is no folder {data}: make it, or use --data DIR")
        try:
            for port in listen.port:
                is_bare(port)
            if self["check"]:
                sys.stdout.write("tcpchat: these settings are right\n")
                raise SystemExit(0)
            if self["admin-code"]:
                _print_admin_code(data / DATABASE)
                raise SystemExit(0)
            self.lock = Lock(data / DATABASE)
            for port in listen.port:
                probe(port)
        except (StoreError, PortError) as error:
            fail(str(error), error.status)
        if self.parent is not None:
            _settle_twistd(self.parent, data)

    def read(self) -> Settings:
        """Return the settings as they are in the file now; raise `ConfigError` where they cannot be used."""
        settings = load(self._path("config"), self["set"], self._chosen())
        if settings.listen.public and not (settings.listen.tls or self["insecure"]):
            raise ConfigError([IN_THE_OPEN])
        return settings

    def _chosen(self) -> dict[str, dict[str, object]]:
        chosen: dict[str, dict[str, object]] = {}
        if self["port"]:
            chosen.setdefault("listen", {})["port"] = self["port"]
        if self["public"]:
            chosen.setdefault("listen", {})["public"] = True
        if self["tls"] is not None:
            chosen.setdefault("listen", {})["tls"] = self["tls"]
        if self["data"] is not None:
            chosen["server"] = {"data": self["data"]}
        return chosen

    def _path(self, option: str) -> Path | None:
        return None if self[option] is None else self._folder / self[option]


def _print_admin_code(database: Path) -> None:
    """Make a code, whether a daemon runs on the database or not."""
    if not database.exists():
        fail(f"there is no {database} yet; the first start makes it, and prints a code")
    sys.stdout.write(f"{invitation(new_claim(database, time.time_ns() // 1_000_000))}\n")


def _settle_twistd(twistd: usage.Options, data: Path) -> None:
    """Put the pidfile where the data is, and the log on the screen without prefixes."""
    if twistd["pidfile"] == TWISTD_PIDFILE:
        pidfile = data / PIDFILE
        with suppress(OSError):
            pidfile.unlink()  # whoever left it there is gone: we have the lock
        twistd["pidfile"] = os.fspath(pidfile)
    if twistd["nodaemon"] and not (twistd["logger"] or twistd["logfile"] or twistd["syslog"]):
        twistd["logger"] = PLAIN_LOG
