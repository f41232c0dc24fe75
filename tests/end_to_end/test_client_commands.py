"""Every command that a server has, typed at a terminal: none of them costs the connection."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.client.live import eventually, terminals
from tests.end_to_end.peers import Program
from tests.helpers import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.client.live import Sits, Tmux
    from tests.end_to_end.daemon import Daemon
    from tests.end_to_end.peers import Meet

WRONG, NEW = "wrong-donkey", "simsim-34"
Typed = list[tuple[str, *tuple[tuple[str, str | None], ...]]]
"""What is typed, each with what is shown then, and the answer where that is a question."""

ABOUT: Typed = [
    ("/join #ops",),
    ("/rooms",),
    ("/rooms o*",),
    ("/who",),
    ("/who #lobby",),
    ("/msg bob psst",),
    ("/me waves",),
    ("/r psst again",),
    ("/help",),
    ("/help kick",),
    ("/topic today",),
    ("/topic",),
    ("/history",),
    ("/history 3",),
    ("/edit better",),
    ("s/better/best/g",),
    ("/del",),
    ("/whois bob",),
    ("/away lunch",),
    ("/who",),
    ("/back",),
    ("/set time on",),
    ("/ignore bob",),
    ("/ignore",),
    ("/unignore bob",),
    ("/quiet all",),
    ("/whoami",),
    ("/json",),
    ("/version",),
    ("/time",),
    ("/ping",),
    ("/stats",),
    ("/missed",),
    ("/search best",),
]
KEEPING_ORDER: Typed = [
    ("/invite bob",),
    ("/voice olga",),
    ("/who",),
    ("/devoice olga",),
    ("/op olga",),
    ("/deop olga",),
    ("/slow 1s",),
    ("/slow off",),
    ("/mute bob 1h spam",),
    ("/unmute bob",),
    ("/kick bob enough",),
    ("/ban bob 2h spam",),
    ("/bans",),
    ("/unban bob",),
    ("/room",),
    ("/room set join invite",),
    ("/rename #ops deploy",),
    ("/rename #ops deploy",),
    ("/owner olga",),
    ("/owner olga",),
    ("/part #deploy",),
    ("/join #attic",),
    ("/drop #attic",),
    ("/drop #attic",),
]
RUNNING_A_SERVER: Typed = [
    ("/motd cake at four",),
    ("/motd",),
    ("/shout hello",),
    ("/ban -s carl 2h spam",),
    ("/bans -s",),
    ("/unban -s carl",),
    ("/mute -s bob 1h",),
    ("/unmute -s bob",),
    ("/reload",),
    ("/backup",),
    ("/audit",),
    ("/audit 3",),
    ("/kill bob flood",),
    ("/nonsense",),
]
AS_GUEST: Typed = [
    ("/register", ("8 characters at least:", "short"), ("once more:", "short"), ("no spaces. A password", "")),
    ("/login olga", ("Password of olga:", WRONG), ("belong together. Password of olga:", "")),
    ("/passwd", ("without a password.", None)),
    ("/logout",),
    ("/claim 0000-0000",),
    ("/nick olga", ("member's name. Password of olga:", "")),
    ("/nick annika",),
]
AS_MEMBER: Typed = [
    ("/register", ("8 characters at least:", PASSWORD), ("once more:", PASSWORD)),
    ("/passwd", ("you have:", WRONG), ("new one,", NEW), ("once more:", NEW), ("belong together. The password", "")),
    ("/passwd", ("you have:", PASSWORD), ("new one,", NEW), ("once more:", NEW)),
    ("/logout",),
    ("/login ann", ("Password of ann:", WRONG), ("belong together. Password of ann:", NEW)),
    ("/nick olga", ("member's name. Password of olga:", PASSWORD)),
    ("/login ann", ("Password of ann:", NEW)),
]


@pytest.fixture
def sits(daemon: Daemon) -> Iterator[Sits]:
    """Somebody sits down at a terminal and starts the client."""
    with terminals(daemon.port) as sit:
        yield sit


def others(daemon: Daemon, meet: Meet) -> set[str]:
    """Have bob be there and olga be a member; return the names of all commands."""
    bob, olga = meet(Program(daemon.port)), meet(Program(daemon.port))
    welcome = bob.hello("bob")
    assert olga.hello("olga")["ev"] == "hello"
    assert olga.answer("command", line=f"/register {PASSWORD}")["ev"] == "ok"
    bob.answer("join", room="#ops")
    bob.answer("dm", **{"with": "olga"}, text="psst")
    return {usage.split()[0] for usage in welcome["commands"]}


def says(seat: Tmux, text: str) -> None:
    """Say something, and again if it was given back because its room was just going."""
    for _ in range(2):
        seat.types("-l", text)
        seat.types("Enter")
        eventually(lambda: re.search(rf"(: |sent\) ){text}", seat.screen()) is not None, seat.screen)
        if f": {text}" in seat.screen():
            return
    seat.shows(f": {text}")


def types_all(seat: Tmux, typed: Typed) -> None:
    """Type one after another; after each of them what is said is still heard."""
    for n, (line, *questions) in enumerate(typed):
        seat.types("-l", line)
        seat.types("Enter")
        for question, answer in questions:
            seat.shows(question)
            if answer is not None:
                seat.types("-l", answer)
                seat.types("Enter")
        says(seat, f"mark {n:02} of {len(typed)}")
        seen = seat.screen("-S", "-")
        assert "Lost the server" not in seen, line
        assert "cannot be read" not in seen, line


class EveryCommandTests:
    @pytest.mark.parametrize(
        "typed",
        [
            pytest.param([*ABOUT, *KEEPING_ORDER, *RUNNING_A_SERVER, *AS_GUEST], id="guest"),
            pytest.param([*AS_MEMBER, *ABOUT, *KEEPING_ORDER, *RUNNING_A_SERVER], id="member"),
        ],
    )
    def test_none_costs_the_connection(self, typed: Typed, daemon: Daemon, sits: Sits, meet: Meet) -> None:
        """Whatever a guest or a member types, they are connected afterwards, and no password is seen."""
        commands = others(daemon, meet)
        ann = sits("--nick", "ann")
        ann.shows("[#lobby]")
        if typed[0] == AS_MEMBER[0]:
            (code,) = re.findall(r"/claim (\S+)", daemon.out)
            typed = [*typed[:1], (f"/claim {code}",), *typed[1:]]
        assert {line.split()[0] for line, *_ in typed if line.startswith("/")} - {"/nonsense"} == commands - {"/quit"}
        types_all(ann, typed)
        seen = ann.screen("-S", "-")
        assert not [each for each in (PASSWORD, NEW, WRONG) if each in seen]
        ann.types("/quit lunch", "Enter")
        ann.ends_with("status 0")
