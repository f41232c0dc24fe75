"""/join, /part, /rooms and /topic."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.chat.commands.conftest import told
from tests.chat.world import World
from twistedchat.chat.commands.rooms import LISTED_MOST
from twistedchat.chat.errors import BadKey, BadUsage, NoRoom, NotAllowed, NotInRoom, TooMany
from twistedchat.chat.events import TopicSet
from twistedchat.chat.replies import Parted, Told, Went
from twistedchat.chat.room import ROOMS_A_MEMBER, Room

if TYPE_CHECKING:
    from tests.chat.commands.conftest import Typing


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

    def test_key(self, world: World, types: Typing) -> None:
        """It stands behind the room's name; who has it needs it once."""
        ann, bob = world.member("ann"), world.enter("bob")
        types(ann, "/join #den"), types(ann, "/room set key s3same")
        for line in ("/join #den", "/join #den sesame"):
            with pytest.raises(BadKey, match="#den wants the right key"):
                types(bob, line)
        with pytest.raises(BadUsage):
            types(bob, "/join #den s3same please")
        went = types(bob, "/join #den s3same")
        assert isinstance(went, Went)
        types(bob, "/join #lobby")
        assert types(bob, "/join #den") == Went(went.room, new=False)

    def test_guests_who_may_make_none(self) -> None:
        """Where guests may only read they make no rooms."""
        world = World(guests="read")
        with pytest.raises(NotAllowed, match="A guest may not make rooms; a member may: /register"):
            world.do(world.chat.enter(world.enter("ann"), "#ops", world.at))

    def test_rooms_a_member(self, world: World, types: Typing) -> None:
        """Fifteen, until one of them is dropped; an admin has as many as they like."""
        ann = world.member("ann")
        for number in range(ROOMS_A_MEMBER):
            types(ann, f"/join #room{number}"), types(ann, "/part")
        with pytest.raises(TooMany, match="A member can have 15 rooms; /drop one"):
            types(ann, "/join #more")
        types(ann, "/drop #room3"), types(ann, "/drop #room3")
        assert isinstance(types(ann, "/join #more"), Went)
        types(ann, "/claim x")
        assert isinstance(types(ann, "/join #evenmore"), Went)

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
        assert told(types(ann, "/rooms")) == ("#lobby (1)",)
        assert told(types(ann, "/rooms nothing")) == ("There is no such room.",)
        for number in range(LISTED_MOST + 2):
            world.chat.rooms.add(Room(f"r{number}", f"#room{number}", topic="all about it"))
        listed = types(ann, "/list room")
        assert isinstance(listed, Told)
        assert listed.lines[0] == "#room0 (0)  all about it"
        assert listed.lines[-1] == "... and 2 more; /rooms PATTERN finds them."

    def test_topic(self, world: World, types: Typing) -> None:
        """It is asked for, and said by the owner."""
        ann = world.enter("ann")
        assert told(types(ann, "/topic")) == ("#lobby has no topic.",)
        types(ann, "/join #ops")
        assert told(types(ann, "/topic two\nlines")) == ()
        assert told(types(ann, "/topic #ops")) == ("#ops: two lines",)
        with pytest.raises(NoRoom):
            types(ann, "/topic #none")

    def test_topic_of_those_who_may_not(self, world: World, types: Typing) -> None:
        """Guests and members read it; where it is open members say it; one must be in the room for that."""
        ann, bob = world.member("ann"), world.member("bob")
        types(ann, "/join #ops"), types(bob, "/join #ops")
        with pytest.raises(NotAllowed, match="A member may not set the topic here; an op may"):
            types(bob, "/topic beer")
        types(ann, "/room set topic open")
        assert told(types(bob, "/topic #ops beer")) == ()
        types(bob, "/part")
        with pytest.raises(NotInRoom, match="You are not in #ops"):
            types(bob, "/topic #ops wine")
        assert told(types(bob, "/topic #ops")) == ("#ops: beer",)

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
        assert told(types(bob, "/who #ops")) == ("#ops (1 person): ~ann",)
        shown = types(bob, "/history #ops 5")
        assert getattr(shown, "room", "") == "#ops"

    def test_who_of_an_empty_room(self, world: World, types: Typing) -> None:
        """Nobody is nobody."""
        ann = world.enter("ann")
        types(ann, "/join #ops")
        types(ann, "/part #lobby")
        assert told(types(ann, "/who #lobby")) == ("Nobody is in #lobby.",)
