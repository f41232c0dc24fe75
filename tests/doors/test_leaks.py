"""No byte that leaves the daemon holds what its receiver may not see, over a restart neither.

People and programs do at random what can be done by and to one of them in one room, with the real doors
and the real store. For longer, with other people each time:

    pytest tests/doors/test_leaks.py -m soak
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.chat.matrix import TABLE
from tests.chat.story import HERE, STEPS, THERE
from tests.chat.test_stories import INSIDE, OUTSIDE
from tests.doors.haunt import HEARD, House, Peer
from tests.properties import calm

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.helpers import Clockwork

__all__ = ["calm"]

MORE = ("restart", "restart", "!/msg ann {text}", "/msg bob {text}", "!stop", "!stop", "!read", "!/missed")
ALL = st.lists(st.sampled_from((*STEPS, *MORE)), min_size=8, max_size=25)
OPS = ("say", "emote", "dm", "join", "part", "history", "search", "who", "rooms", "nick", "set")


class Haunted:
    """A daemon with an admin, the owner of #den, somebody outside and a guest; and the one whom it is about."""

    def __init__(self, folder: Path, *, program: bool, member: bool) -> None:
        self.house = House(folder)
        self.boss = self.house.comes("boss", program=False, member=True)
        self.ann = self.house.comes("ann", program=True, member=True)
        self.house.comes("dan", program=False, member=True)
        self.house.comes("gus", program=True, member=False)
        self.house.claims(self.boss)
        self.bob = self.house.comes("bob", HERE, program=program, member=member)
        self.ann.types("/join #den")
        self.stream = self.house.works.chat.rooms.named("#den").id
        self.number = 0

    def goes(self, steps: Sequence[str]) -> None:
        """Have it go on by these steps, each followed by words and by looks back."""
        for step in steps:
            self.number += 1
            self.house.passes(5)
            comes = step == "!/join {room}" and self._is_let_in()
            self.house.at_once = "&" in step
            for each in step.split(" & "):
                self._does(each)
            self.house.at_once = False
            self.house.works.settle()
            self.house.check()
            assert not comes or self.bob.id in self.house.model.places[self.stream].inside, (
                "who is let in was refused"
            )
            for peer in self.house.peers.values():
                peer.types(self.house.new_text())
            self.house.check()
            peers = list(self.house.peers.values())
            for peer in (self.bob, peers[self.number % len(peers)]):
                self.house.look_back(peer, self.number * 7)
        self.house.ends()

    def _is_let_in(self) -> bool:
        """Tell whether they may come into the room, and are somebody.

        A guest who came again while their name was taken is nobody, and so is who was let go for reading nothing.
        """
        session = None if self.bob.person.transport.disconnecting else self.bob.session
        return session is not None and self.house.model.lets_in(session.id, self.stream)

    def _does(self, step: str) -> None:
        bob = self.bob
        match step:
            case "wait":
                self.house.passes(30)
            case "restart":
                self.house.restarts()
                self.ann.types("/join #den")
            case "!stop":
                bob.stops_reading()
            case "!read":
                bob.reads_on()
            case "!lose":
                bob.reads_on()
                bob.person.breaks()
            case "!return" | "!again":
                bob.comes_again(THERE)
            case _:
                nick = bob.session.nick if bob.session is not None else bob.nick
                line = step.removeprefix("!").format(
                    room="#den", nick=nick, mask=f"{HERE}/32", text=self.house.new_text()
                )
                self._knocks(line)
                (bob if step.startswith("!") else self._keeper(step)).types(line)

    def _keeper(self, step: str) -> Peer:
        """Return who does it: the owner talks, and whatever else happens in that moment is the admin's doing."""
        boss = self.number % 2 or self.house.at_once or " -s " in step
        return self.boss if boss and step != "{text}" else self.ann

    def _knocks(self, line: str) -> None:
        model = self.house.model
        for stream, place in model.places.items():
            if place.name == "#den" and line.startswith("/join"):
                model.keys.setdefault((self.bob.id, stream), set()).add(line.removeprefix("/join #den").strip())


def run(steps: Sequence[str], *, program: bool, member: bool) -> None:
    """Have it go on by these steps in a new daemon."""
    with TemporaryDirectory() as folder:
        Haunted(Path(folder), program=program, member=member).goes(steps)


def known() -> Mapping[str, Sequence[str]]:
    """Return the known stories, with a restart before their last step or a return after it."""
    stories = {name: ("!/join {room}", *steps) for name, steps in INSIDE.items()} | OUTSIDE
    early = {f"{name}, restarted before": (*steps[:-1], "restart", steps[-1]) for name, steps in stories.items()}
    return early | {
        f"{name}, restarted after": (*steps, "restart", "!/join {room}") for name, steps in stories.items()
    }


class LeakTests:
    @pytest.mark.parametrize("member", [True, False])
    @pytest.mark.parametrize("name", known())
    def test_known_ways(self, name: str, *, member: bool) -> None:
        """However people could come to see what they may not: they are not shown it, and all that they may."""
        run(known()[name], program=len(name) % 2 > 0, member=member)

    def test_no_byte_leaks(self) -> None:
        """What comes over a connection is what may be seen there then, and whoever asks is shown all of that."""
        HEARD.clear()
        self._some_steps()
        assert all(
            HEARD[each]
            for each in ("words", "history", "search", "search alone", "resume", "conversation", "restarts")
        ), HEARD

    @settings(max_examples=20)
    @given(program=st.booleans(), member=st.booleans(), steps=ALL)
    def _some_steps(self, *, program: bool, member: bool, steps: list[str]) -> None:
        run(steps, program=program, member=member)

    @pytest.mark.soak
    @settings(max_examples=800, derandomize=False)
    @given(program=st.booleans(), member=st.booleans(), steps=ALL)
    def test_no_byte_leaks_for_long(self, *, program: bool, member: bool, steps: list[str]) -> None:
        """The same, for long."""
        run(steps, program=program, member=member)


class UnnamedTests:
    """Who has no name yet is nobody, and can do nothing."""

    @pytest.mark.parametrize("name", [name for name in TABLE if name != "say"])
    def test_no_command_is_reached(self, clockwork: Clockwork, name: str) -> None:
        """A person's first line is a nickname, whatever it looks like; a program is asked to say hello first."""
        ann = clockwork.member("ann")
        heads = {room.id: room.head for room in clockwork.chat.rooms}
        line = TABLE[name].line.format("#lobby")
        person, program = clockwork.connect(), clockwork.connect()
        person.types(line)
        assert any("nickname" in each for each in person.sees())
        program.asks(op="ping")
        program.asks(op="command", line=line, ref=1)
        assert [event["code"] for event in program.hears() if event.get("ref") == 1] == ["need_hello"]
        assert clockwork.chat.people.sessions.keys() == {ann.protocol.visit.session.id}  # type: ignore[union-attr]
        assert {room.id: room.head for room in clockwork.chat.rooms} == heads
        assert ann.sees() == []

    @pytest.mark.parametrize("op", OPS)
    def test_no_request_is_answered(self, clockwork: Clockwork, op: str) -> None:
        """Neither is anything else that a program could ask for."""
        ann, program = clockwork.enter("ann"), clockwork.connect()
        every = {"room": "#lobby", "text": "psst", "with": "ann", "nick": "zoe", "name": "time", "value": "on"}
        program.asks(op=op, ref=1, **every)
        assert [event["code"] for event in program.hears() if event.get("ref") == 1] == ["need_hello"]
        assert ann.sees() == []
