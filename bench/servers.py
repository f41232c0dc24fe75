"""Who can be measured: tcpchat in its dialects, its peers, and the bound of one core."""

import os
import secrets
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from bench.build import HERE, build
from bench.errors import BenchError

REPOSITORY = HERE.parent
BOUND, INSPIRCD, NGIRCD = "C bound", "InspIRCd", "ngircd"
NAIVE, THREADS = "naive Twisted", "tutorial threads"
TEXT, JSON, RELAXED = "tcpchat text", "tcpchat JSON", "tcpchat text, process"

Command = Callable[[Path, int], list[str]]
"""Given a folder of its own and a port, what to run."""


@dataclass(frozen=True)
class Server:
    """How one is started and spoken to."""

    name: str
    dialect: str
    command: Command
    echo: bool = False
    """Senders receive their own messages."""
    ordered: bool = True
    """It promises everybody the same order."""
    together: int = 256
    """How many may be on their way in at once without its backlog dropping some."""
    extra: bool = False
    """Named on the command line, not here."""
    environment: dict[str, str] = field(default_factory=dict)


def tcpchat(name: str, dialect: str, durability: str) -> Server:
    """Our daemon with its limits off and its log on."""
    settings = {
        "server.durability": durability,
        "limits.connections_per_address": "0",
        "limits.connects_per_minute": "0",
    }

    def command(folder: Path, port: int) -> list[str]:
        (folder / "data").mkdir()
        words = [sys.executable, "-m", "twistedchat"]
        words += ["--port", str(port), "--data", str(folder / "data")]
        for key, value in settings.items():
            words += ["--set", f"{key}={value}"]
        return words

    return Server(
        name,
        dialect,
        command,
        echo=dialect == "json",
        together=1024,
        environment={"PYTHONPATH": str(REPOSITORY)},
    )


def configured(template: str, folder: Path, port: int) -> Path:
    """A peer's configuration with its blanks filled in."""
    text = (HERE / "peers" / template).read_text()
    blanks = {
        "@PORT@": str(port),
        "@SECRET@": secrets.token_hex(),
    }
    for blank, value in blanks.items():
        text = text.replace(blank, value)
    path = folder / template
    path.write_text(text)
    return path


def ngircd(program: str) -> Server:
    """Ngircd in the foreground."""

    def command(folder: Path, port: int) -> list[str]:
        return [program, "--nodaemon", "--config", str(configured("ngircd.conf", folder, port))]

    return Server(NGIRCD, "irc", command, together=8)


def inspircd(program: str) -> Server:
    """InspIRCd in the foreground; it must be told that root is meant."""

    def command(folder: Path, port: int) -> list[str]:
        words = [program, "--nofork", "--nopid", "--config", str(configured("inspircd.conf", folder, port))]
        return [*words, "--runasroot"] if os.getuid() == 0 else words

    return Server(INSPIRCD, "irc", command)


def python_peer(name: str, file: str, dialect: str, *, ordered: bool, together: int) -> Server:
    """One of those in bench/peers."""

    def command(folder: Path, port: int) -> list[str]:
        del folder
        return [sys.executable, str(HERE / "peers" / file), str(port)]

    return Server(name, dialect, command, echo=True, ordered=ordered, together=together)


def another(words: str) -> Server:
    """A server from the command line: NAME=DIALECT:COMMAND, with {port} where its port belongs.

    The dialect is one of the generator's (text, plain, json, irc, tutorial), with
    `+echo` behind it if senders receive their own messages.
    """
    name, equals, rest = words.partition("=")
    dialect, colon, line = rest.partition(":")
    if not (equals and colon and "{port}" in line):
        raise BenchError(f"not NAME=DIALECT:COMMAND with {{port}}: {words}")

    def command(folder: Path, port: int) -> list[str]:
        return [word.format(port=port, folder=folder) for word in line.split()]

    dialect, _, extra = dialect.partition("+")
    return Server(name, dialect, command, echo=extra == "echo", extra=True)


def bound(folder: Path) -> Server:
    """The bound of one core, compiled into the folder."""
    program = build("bound", folder)
    return Server(BOUND, "text", lambda _, port: [str(program), str(port)], echo=True, together=1024)


def known(folder: Path) -> list[Server]:
    """All that can be run here, ours first."""
    servers = [
        tcpchat(TEXT, "text", "power"),
        tcpchat(JSON, "json", "power"),
        tcpchat(RELAXED, "text", "process"),
        bound(folder),
    ]
    system = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"
    for name, peer in (("inspircd", inspircd), ("ngircd", ngircd)):
        if program := shutil.which(name, path=system):
            servers.append(peer(program))
    servers.append(python_peer(NAIVE, "naive.py", "text", ordered=True, together=1024))
    servers.append(python_peer(THREADS, "threads.py", "tutorial", ordered=False, together=8))
    return servers
