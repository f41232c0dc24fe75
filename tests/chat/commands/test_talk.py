"""/me, /msg and /history: saying things in another manner, and what was said before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from twistedchat.chat.errors import NoSuchNick
from twistedchat.chat.events import Direct, Emoted, Said
from twistedchat.chat.replies import Shown

if TYPE_CHECKING:
    from tests.chat.commands.conftest import Typing
    from tests.chat.world import World


class TalkTests:
    def test_me(self, world: World, types: Typing) -> None:
        """What somebody does is told to the room; the answer is its acknowledgement."""
        assert types(world.enter("ann"), "/me waves  slowly") is None
        [proposal] = world.log.waiting
        assert (proposal.cid, proposal.ref) == ("c1", 7)
        assert world.heard() == [Emoted("ann", "waves  slowly")]

    def test_msg(self, world: World, types: Typing) -> None:
        """What is for one person is told to no room."""
        ann, bob = world.enter("ann"), world.enter("bob")
        assert types(ann, "/msg BOB psst, bob") is None
        [proposal] = world.log.waiting
        assert (proposal.cid, proposal.ref) == ("c1", 7)
        world.settle()
        assert [entry.event for entry in world.log.entries] == [Direct("ann", bob.nick, "psst, bob")]
        assert world.heard() == []

    def test_msg_to_nobody(self, world: World, types: Typing) -> None:
        """Whoever is not here cannot be told anything."""
        with pytest.raises(NoSuchNick):
            types(world.enter("ann"), "/m bob hello")


class HistoryTests:
    @pytest.mark.parametrize(("line", "first"), [("/history", 231), ("/history 3", 248), ("/history 9999", 51)])
    def test_history(self, world: World, types: Typing, line: str, first: int) -> None:
        """The last twenty, or as many as were asked for, two hundred at most, oldest first."""
        ann = world.enter("ann")
        for number in range(1, 251):
            world.chat.say(ann, world.lobby, f"line {number}", world.at)
        world.settle()
        shown = types(ann, line)
        assert isinstance(shown, Shown)
        assert [entry.event for entry in shown.entries] == [Said("ann", f"line {n}") for n in range(first, 251)]

    def test_history_of_an_empty_room(self, world: World, types: Typing) -> None:
        """Where nothing was said there is nothing to show."""
        assert types(world.enter("ann"), "/history") == Shown("#lobby", ())
