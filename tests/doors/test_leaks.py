"""No byte that leaves the daemon holds what its receiver may not see, over a restart neither.

People and programs do at random what can be done by and to one of them in one room, with the real doors
and the real store. For longer, with other people each time:

    pytest tests/doors/test_leaks.py -m soak
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.chat.story import HERE, STEPS, THERE
from tests.doors.haunt import HEARD, House, Peer
from tests.properties import calm

__all__ = ["calm"]

ALL = st.lists(
    st.sampled_from((*STEPS, "restart", "restart", "!/msg ann {text}", "/msg bob {text}")), min_size=8, max_size=25
)


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
        self.number = 0

    def goes(self, steps: list[str]) -> None:
        """Have it go on by these steps, each followed by words and by looks back."""
        for step in steps:
            self.number += 1
            self.house.passes(5)
            self._does(step)
            self.house.check()
            for peer in self.house.peers.values():
                peer.types(self.house.new_text())
            self.house.check()
            peers = list(self.house.peers.values())
            for peer in (self.bob, peers[self.number % len(peers)]):
                self.house.look_back(peer, self.number * 7)
        self.house.ends()

    def _does(self, step: str) -> None:
        bob = self.bob
        match step:
            case "wait":
                self.house.passes(30)
            case "restart":
                self.house.restarts()
            case "!lose":
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
        return self.boss if self.number % 2 or " -s " in step else self.ann

    def _knocks(self, line: str) -> None:
        model = self.house.model
        for stream, place in model.places.items():
            if place.name == "#den" and line.startswith("/join"):
                model.keys.setdefault((self.bob.id, stream), set()).add(line.removeprefix("/join #den").strip())


def run(steps: list[str], *, program: bool, member: bool) -> None:
    """Have it go on by these steps in a new daemon."""
    with TemporaryDirectory() as folder:
        Haunted(Path(folder), program=program, member=member).goes(steps)


class LeakTests:
    def test_no_byte_leaks(self) -> None:
        """What comes over a connection is what may be seen there then, and whoever asks is shown all of that."""
        HEARD.clear()
        self._some_steps()
        assert all(HEARD[each] for each in ("words", "history", "search", "resume", "restarts")), HEARD

    @settings(max_examples=20)
    @given(program=st.booleans(), member=st.booleans(), steps=ALL)
    def _some_steps(self, *, program: bool, member: bool, steps: list[str]) -> None:
        run(steps, program=program, member=member)

    @pytest.mark.soak
    @settings(max_examples=600, derandomize=False)
    @given(program=st.booleans(), member=st.booleans(), steps=ALL)
    def test_no_byte_leaks_for_long(self, *, program: bool, member: bool, steps: list[str]) -> None:
        """The same, for long."""
        run(steps, program=program, member=member)
