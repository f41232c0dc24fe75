"""Who comes and goes in a large room, and how much that matters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twistedchat.chat.durations import SECOND
from twistedchat.chat.events import Departed, Joined, Left

if TYPE_CHECKING:
    from tests.chat.world import World


class MinorTests:
    def test_small_rooms_hear_all(self, world: World) -> None:
        """Where few are, nobody's coming and going is a minor matter."""
        bob = world.enter("bob")
        world.do(world.chat.part(bob, world.lobby, world.at))
        world.do(world.chat.join(bob, world.lobby, world.at))
        assert [getattr(event, "minor", None) for event in world.heard()] == [False, False]

    def test_large_rooms_hear_of_those_who_talk(self, world: World) -> None:
        """Where many are, who has said nothing lately comes and goes unnoticed by who wants it so."""
        quiet, loud, *_ = (world.enter(f"guest{n}") for n in range(100, 124))
        world.chat.say(loud, world.lobby, "hello", world.at)
        world.settle()
        world.ear.news.clear()
        for each in (quiet, loud):
            world.do(world.chat.part(each, world.lobby, world.at))
            world.do(world.chat.join(each, world.lobby, world.at))
            world.leave(each)
        events = world.heard()
        assert [type(event) for event in events] == [Left, Joined, Departed] * 2
        assert [getattr(event, "minor", None) for event in events] == [True, True, True, False, False, False]

    def test_lately_is_ten_minutes(self, world: World) -> None:
        """And in a very large room it is forgotten then who spoke."""
        _, loud, *_ = (world.enter(f"guest{n}") for n in range(100, 124))
        world.chat.say(loud, world.lobby, "hello", world.at)
        world.at += 600 * SECOND
        assert world.lobby.hardly_knows(loud.by, world.at)
        assert not world.lobby.hardly_knows(loud.by, world.at - 1)
        world.chat.tick(world.at)
        assert loud.by in world.lobby.spoken
        world.lobby.spoken |= {f"g{n}": world.at for n in range(1001)}
        world.chat.tick(world.at)
        assert len(world.lobby.spoken) == 1001
        assert loud.by not in world.lobby.spoken
