"""/nick, /who and /quit: who is here, and under which name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from twistedchat.chat.errors import NickTaken
from twistedchat.chat.events import Renamed
from twistedchat.chat.replies import Goodbye, Told

if TYPE_CHECKING:
    from tests.chat.commands.conftest import Typing
    from tests.chat.world import World


class PeopleTests:
    def test_nick(self, world: World, types: Typing) -> None:
        """Who takes another name is told so, and so is the room."""
        ann = world.enter("ann")
        assert types(ann, "/nick anna") == Told(("You are anna now.",))
        assert world.heard() == [Renamed("ann", ann.id, "anna")]

    def test_nick_that_is_taken(self, world: World, types: Typing) -> None:
        """Who wants another's name keeps their own."""
        ann, _ = world.enter("ann"), world.enter("bob")
        with pytest.raises(NickTaken):
            types(ann, "/nick Bob")
        assert ann.nick == "ann"

    def test_who(self, world: World, types: Typing) -> None:
        """Those in the room are counted and named."""
        ann = world.enter("ann")
        assert types(ann, "/who") == Told(("#lobby (1 person): ann",))
        world.enter("Bob")
        assert types(ann, "/names") == Told(("#lobby (2 people): ann, Bob",))

    @pytest.mark.parametrize(
        ("line", "why"), [("/quit", ""), ("/exit good night", "good night"), ("/quit a\nb\x07", "a b␇")]
    )
    def test_quit(self, world: World, types: Typing, line: str, why: str) -> None:
        """Who leaves may say why, on one line."""
        assert types(world.enter("ann"), line) == Goodbye(why)

    def test_quit_at_length(self, world: World, types: Typing) -> None:
        """A reason is no speech, and yet nobody is kept from leaving by it."""
        assert types(world.enter("ann"), "/quit " + "x" * 201) == Goodbye("x" * 200)
        assert types(world.enter("bob"), "/quit \u200b") == Goodbye("")
