"""Rooms: their names, their people, and whose they are."""

from __future__ import annotations

import pytest

from twistedchat.chat.acts import Dropped, Opened
from twistedchat.chat.errors import BadRoom, NoRoom
from twistedchat.chat.events import Joined, Left, TopicSet
from twistedchat.chat.log import KnownRoom
from twistedchat.chat.roles import Role
from twistedchat.chat.room import Room, Rooms
from twistedchat.chat.session import Person
from twistedchat.chat.settings import RoomSettings
from twistedchat.chat.text import room_name


class NameTests:
    """What a room may be called."""

    @pytest.mark.parametrize(
        ("raw", "name"), [("#ops", "#ops"), ("ops", "#ops"), (" #Büro ", "#Büro"), ("admin", "#admin")]
    )
    def test_good_names(self, raw: str, name: str) -> None:
        """The # may be left out, and no name is reserved."""
        assert room_name(raw) == name

    @pytest.mark.parametrize("raw", ["", "#", "#x", "#a b", "##ops", "#" + "x" * 25])
    def test_bad_names(self, raw: str) -> None:
        """What cannot be a nickname cannot be a room's name either, and it is called so."""
        with pytest.raises(BadRoom, match=r"room's name|needed"):
            room_name(raw)


class RoomsTests:
    """All rooms there are."""

    def test_found_whatever_its_case(self) -> None:
        """But only under its name, not under what looks like it."""
        rooms = Rooms()
        rooms.add(Room("r1", "#ops"))
        assert rooms.named("#OPS").id == "r1"
        assert rooms.find("#0ps") is None
        with pytest.raises(NoRoom, match="no room #0ps"):
            rooms.named("#0ps")

    def test_look_alikes_are_refused(self) -> None:
        """Whatever the owner of the first one."""
        rooms = Rooms()
        rooms.add(Room("r1", "#ops"))
        with pytest.raises(NoRoom, match="too much like #ops"):
            rooms.check_new("#\u043eps", Person("g1"))

    def test_dropped_room_leaves_its_name_to_another(self) -> None:
        """Dropping the old one late does not harm the new one."""
        rooms = Rooms()
        old, new = Room("r1", "#ops"), Room("r2", "#ops")
        rooms.add(old)
        rooms.add(new)
        rooms.drop(old)
        assert [room.id for room in rooms] == ["r2"]
        assert rooms.named("#ops") is new
        rooms.drop(new)
        assert rooms.find("#ops") is None


class HeirTests:
    """Who is owner where nobody is."""

    def test_oldest_op(self) -> None:
        """Where there is an owner nobody inherits; else the first who was made op, and no lesser one."""
        room = Room("r1", "#ops")
        assert room.heirs() == []
        room.roles = {"@cat": Role.VOICE, "@bob": Role.OP, "@ann": Role.OP}
        assert room.heirs() == ["@bob"]
        room.roles["@dan"] = Role.OWNER
        assert room.heirs() == []


class KnownTests:
    """A room as the log remembers it."""

    def test_everything_is_taken_up(self) -> None:
        """Its name, its topic, how it is kept, who is what, and who may read what."""
        settings = RoomSettings(join="invite")
        roles = {"@ann": "owner", "@bob": "voice"}
        room = Room.known(KnownRoom("r1", "#ops", 9, "beer", settings, roles, {"@ann": 3}, 5, 2))
        assert (room.id, room.name, room.head, room.topic, room.settings) == ("r1", "#ops", 9, "beer", settings)
        assert room.roles == {"@ann": Role.OWNER, "@bob": Role.VOICE}
        assert (room.admitted, room.opened, room.expired, room.temporary) == ({"@ann": 3}, 5, 2, False)
        assert [room.mark(person) for person in ("@ann", "@bob", "@cat")] == ["~", "+", ""]


def test_events_of_rooms_are_told_apart() -> None:
    """Only a topic is kept; who comes and goes is not."""
    assert [kind.kept for kind in (TopicSet, Opened, Dropped, Joined, Left)] == [True, False, False, False, False]
