"""/join, /part, /rooms and /topic."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from twistedchat.chat.commands.rooms import LISTED_MOST
from twistedchat.chat.errors import NoRoom, NotInRoom, TooMany
from twistedchat.chat.events import TopicSet
from twistedchat.chat.replies import Parted, Told, Went
from twistedchat.chat.room import Room

if TYPE_CHECKING:
    from tests.chat.commands.conftest import Typing
    from tests.chat.world import World


class RoomCommandTests:
    def test_join_and_come_back(self, world: World, types: Typing) -> None:
        """A room is new to whoever was not in it."""
        ann = world.enter("ann")
        went = types(ann, "/join #ops")
        assert isinstance(went, Went)
        assert (went.room.name, went.new) == ("#ops", True)
        assert types(ann, "/j #lobby") == Went(world.lobby, new=False)
        assert types(ann, "/join OPS") == Went(went.room, new=False)

    def test_one_room_a_guest(self, world: World, types: Typing) -> None:
        """Another one can be made when nobody is in the first."""
        ann, bob = world.enter("ann"), world.enter("bob")
        types(ann, "/join #ops"), types(bob, "/join #ops")
        types(ann, "/part #ops")
        with pytest.raises(TooMany):
            types(ann, "/join #two")
        types(bob, "/part #ops")
        assert isinstance(types(ann, "/join #two"), Went)

    def test_part(self, world: World, types: Typing) -> None:
        """It says where the words go now; a room that is not the active one is left as well."""
        ann = world.enter("ann")
        types(ann, "/join #ops")
        parted = types(ann, "/part #lobby")
        assert isinstance(parted, Parted)
        assert parted.lines == ("You have left #lobby. What you type goes to #ops now.",)
        parted = types(ann, "/part")
        assert isinstance(parted, Parted)
        assert parted.lines == ("You have left #ops. You are in no room: /join one.",)
        with pytest.raises(NotInRoom):
            types(ann, "/part")

    def test_rooms(self, world: World, types: Typing) -> None:
        """All of them, or those that are meant, and not more than fit on a screen."""
        ann = world.enter("ann")
        assert types(ann, "/rooms") == Told(("#lobby (1)",))
        assert types(ann, "/rooms nothing") == Told(("There is no such room.",))
        for number in range(LISTED_MOST + 2):
            world.chat.rooms.add(Room(f"r{number}", f"#room{number}", topic="all about it"))
        listed = types(ann, "/list room")
        assert isinstance(listed, Told)
        assert listed.lines[0] == "#room0 (0)  all about it"
        assert listed.lines[-1] == "... and 2 more; /rooms PATTERN finds them."

    def test_topic(self, world: World, types: Typing) -> None:
        """It is asked for, and said by the owner."""
        ann = world.enter("ann")
        assert types(ann, "/topic") == Told(("#lobby has no topic.",))
        types(ann, "/join #ops")
        assert types(ann, "/topic two\nlines") == Told(())
        assert types(ann, "/topic #ops") == Told(("#ops: two lines",))
        with pytest.raises(NoRoom):
            types(ann, "/topic #none")

    def test_topic_is_a_message(self, world: World, types: Typing) -> None:
        """It has a place in the log like what is said."""
        ann = world.enter("ann")
        types(ann, "/join #ops")
        types(ann, "/topic now")
        ops = world.chat.rooms.named("#ops")
        assert (ops.head, ops.topic) == (1, "now")
        assert TopicSet("ann", "now").kept

    def test_history_and_who_of_another_room(self, world: World, types: Typing) -> None:
        """The room that is meant stands first."""
        ann, bob = world.enter("ann"), world.enter("bob")
        types(ann, "/join #ops")
        assert types(bob, "/who #ops") == Told(("#ops (1 person): ~ann",))
        shown = types(bob, "/history #ops 5")
        assert getattr(shown, "room", "") == "#ops"

    def test_who_of_an_empty_room(self, world: World, types: Typing) -> None:
        """Nobody is nobody."""
        ann = world.enter("ann")
        types(ann, "/join #ops")
        types(ann, "/part #lobby")
        assert types(ann, "/who #lobby") == Told(("Nobody is in #lobby.",))
