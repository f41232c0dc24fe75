"""The command line of ``tcpchat-client``."""

import argparse
import getpass
import os
import re
from dataclasses import dataclass, field
from typing import NoReturn

from twistedchat import __version__
from twistedchat.client.exits import USAGE, Place
from twistedchat.client.since import Since, since
from twistedchat.client.trust import KnownServers, Trust, fingerprint, known_servers
from twistedchat.client.typed import room_named

_DESCRIPTION = "Talk in a tcpchat: at a terminal with a line editor, or as a pipe in a shell."
_EXAMPLES = """\
examples:
  tcpchat-client                              the server on this computer, port 55555
  tcpchat-client chat.example.org 55555 --nick alice
  echo "deploy done" | tcpchat-client localhost 55555 --nick ci --room '#ops'
  tcpchat-client localhost 55555 --nick ci --room '#ops' --say "deploy done"
  tcpchat-client localhost 55555 --tail '#ops' --since 10m --json | jq -r .text

The password of --nick, if it has one, is asked for; where nobody sits at
a terminal, and with --say and --tail, it is taken from TCPCHAT_TOKEN in the environment.

To another computer it comes by TLS. Where nothing vouches for the certificate, its SHA-256 is shown and
asked about once, and from then on it has to be the same. Where nobody sits at a terminal it has to be known,
or given with --fingerprint. What is known stands in ~/.local/state/tcpchat/known_servers.

exit status:
  0 done, and every line that was piped in is stored   1 something was not stored
  2 no such computer   3 nothing answers there   4 something else answers there
  5 no TLS, or its certificate is not trusted   6 turned away   64 wrong usage
"""
_NOBODY = frozenset({"root", "admin", "administrator", "guest", "nobody", "operator", "system"})
_NICK_SHORTEST, _NICK_LONGEST = 2, 24
_PORTS = range(1, 65536)


@dataclass(frozen=True)
class Options:
    """What was asked for."""

    place: Place
    nick: str = ""
    room: str = ""
    tail: str = ""
    since: Since | None = None
    say: str | None = None
    json: bool = False
    insecure: bool = False
    fingerprint: str = ""
    tutorial: bool = False
    token: str = field(default="", repr=False)
    """The password of the name, where nobody can be asked for it."""

    def trust(self) -> Trust:
        """Return whom to believe that they are the server."""
        return Trust(self.place, KnownServers(known_servers()), self.fingerprint, insecure=self.insecure)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Say what is wrong and how it is done right."""
        self.exit(USAGE, f"{self.format_usage()}{self.prog}: {message}\nTry {self.prog} --help\n")


def parse(arguments: list[str], *, person: bool = False) -> Options:
    """Read the command line; ``person``: somebody sits at a terminal.

    :raises SystemExit: with 0 after ``--help`` and ``--version``, with 64 if it is wrong.
    """
    parser = _build()
    given = parser.parse_args(arguments)
    person = person and not given.tail and given.say is None
    wrong = _contradiction(given, person=person)
    if wrong:
        parser.error(wrong)
    return Options(
        Place(given.host, given.port),
        given.nick,
        room_named(given.room),
        room_named(given.tail),
        given.since,
        given.say,
        given.json,
        given.insecure,
        given.fingerprint or "",
        given.tutorial,
        "" if person else os.environ.get("TCPCHAT_TOKEN", ""),
    )


def _contradiction(given: argparse.Namespace, *, person: bool) -> str:
    """Return what does not go together, or nothing."""
    if given.tail and (given.room or given.say is not None):
        return "--tail has its own room and says nothing: leave out --room and --say"
    if given.since and not given.tail:
        return "--since is for --tail: give the room there"
    if given.tutorial and (given.tail or given.room or given.json or given.say is not None):
        return "the tutorial's server has no rooms and no JSON: leave out --room, --tail, --say and --json"
    if given.tutorial and given.fingerprint:
        return "the tutorial's server has no TLS: leave out --fingerprint"
    if given.json and person:
        return "--json is for a pipe, --say or --tail: a person reads lines"
    return ""


def _build() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="tcpchat-client",
        description=_DESCRIPTION,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("host", nargs="?", default="localhost", metavar="HOST", help="default: localhost")
    parser.add_argument("port", nargs="?", type=_port, default=55555, metavar="PORT", help="default: 55555")
    parser.add_argument("--nick", default="", help="your name; asked for in a terminal if it is not given")
    parser.add_argument("--room", default="", help="the room to be in, instead of the lobby")
    parser.add_argument("--tail", default="", metavar="ROOM", help="only print what is said in a room")
    parser.add_argument(
        "--since", type=_since, metavar="WHEN", help="with --tail: from then on; 10m, 7d, 19:04, 2026-11-22 or all"
    )
    parser.add_argument("--say", metavar="TEXT", help="say this, and end when it is stored")
    parser.add_argument(
        "--json",
        action="store_true",
        help="print JSON: what is said (--tail), or the acknowledgements (--say, a pipe)",
    )
    parser.add_argument(
        "--insecure",
        action="store_true",
        help="go on, unasked, where others may read on the way: without TLS, or with a certificate that is unknown",
    )
    parser.add_argument(
        "--fingerprint",
        type=_fingerprint,
        metavar="SHA256",
        help="only talk to a server with this certificate; it shows its SHA-256 at its start",
    )
    parser.add_argument(
        "--tutorial", action="store_true", help="speak to the server of the well-known chat tutorial (ASCII)"
    )
    parser.add_argument("--version", action="version", version=f"tcpchat-client {__version__}")
    return parser


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) not in _PORTS:
        raise argparse.ArgumentTypeError(f"{text!r} is no port: a number from 1 to 65535 is needed")
    return int(text)


def _fingerprint(text: str) -> str:
    try:
        return fingerprint(text)
    except ValueError as why:
        raise argparse.ArgumentTypeError(str(why)) from None


def _since(text: str) -> Since:
    try:
        return since(text)
    except ValueError as why:
        raise argparse.ArgumentTypeError(str(why)) from None


def default_nick() -> str:
    """Return the name of whoever is logged in, as far as it can be a nickname, or nothing."""
    try:
        name = getpass.getuser()
    except (OSError, KeyError):
        return ""
    nick = re.sub(r"[^\w.\-]", "", name).lstrip("_.-")[:_NICK_LONGEST]
    return "" if nick.lower() in _NOBODY or len(nick) < _NICK_SHORTEST else nick
