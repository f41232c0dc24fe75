"""A room of one's own: /invite, /voice, /op, /owner, /room, /rename and /drop."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.chat.commands.conftest import told
from twistedchat.chat.commands.owners import CONFIRM_MS
from twistedchat.chat.errors import BadRoom, BadUsage, NoRoom, NoSuchNick, NotAllowed, NotFound
from twistedchat.chat.events import Direct

if TYPE_CHECKING:
    from tests.chat.commands.conftest import Typing
    from tests.chat.world import World
    from twistedchat.chat.room import Room
    from twistedchat.chat.session import Session


@pytest.fixture
def ann(world: World) -> Session:
    return world.member("ann")


@pytest.fixture
def bob(world: World) -> Session:
    return world.member("bob")


@pytest.fixture
def ops(world: World, ann: Session, bob: Session) -> Room:
    return world.room(ann, "#ops", bob)


class InviteTests:
    def test_invite(self, world: World, types: Typing, ann: Session, ops: Room) -> None:
        """Who is here is told; who is not may come all the same; the room may stand at either end."""
        cat = world.member("cat")
        assert told(types(ann, "/invite cat")) == ("cat may come into #ops.",)
        world.leave(cat)
        for line in ("/invite #ops cat", "/invite cat #ops"):
            assert told(types(ann, line)) == ("cat may come into #ops; they are told when they come.",)
        assert cat.by not in ops.admitted
        letters = [entry for entry in world.log.entries if isinstance(entry.event, Direct)]
        assert [entry.event for entry in letters] == [Direct("ann", "cat", "You may come into #ops: /join #ops")] * 2
        assert world.do(world.chat.archive.mail(world.again("cat"))) == letters
        world.leave(cat)
        types(ann, "/room set join invite"), types(ann, "/invite cat")
        assert cat.by in ops.admitted

    def test_who_may(self, world: World, types: Typing, ann: Session, bob: Session, ops: Room) -> None:
        """Members into an open room, ops into a private one, guests nobody."""
        gast = world.enter("gast")
        types(bob, "/invite gast")
        types(ann, "/room set join invite")
        with pytest.raises(NotAllowed, match="A member may not invite here; an op may"):
            types(bob, "/invite gast")
        with pytest.raises(NotAllowed, match="A guest may not invite here; a member may: /register"):
            types(gast, "/invite bob")
        assert ops.settings.private

    @pytest.mark.parametrize(
        ("line", "error"),
        [
            ("/invite", BadUsage),
            ("/invite cat", NoSuchNick),
            ("/invite #none bob", NoRoom),
            ("/invite bob now", BadUsage),
        ],
    )
    def test_usage(self, types: Typing, ann: Session, ops: Room, line: str, error: type[Exception]) -> None:
        """It is somebody who is invited, into a room that there is."""
        with pytest.raises(error):
            types(ann, line)
        assert ops.admitted == {}


class RoleTests:
    def test_roles(self, world: World, types: Typing, ann: Session, bob: Session, ops: Room) -> None:
        """Each is given and taken by its own command."""
        for line, mark in [("voice", "+"), ("devoice", ""), ("op", "@"), ("deop", ""), ("owner", "~")]:
            assert told(types(ann, f"/{line} bob")) == ()
            assert ops.marked() == ["~ann", f"{mark}bob"]
        with pytest.raises(NotAllowed, match="bob is an owner; nobody acts on their equals"):
            types(ann, "/deop bob")
        types(world.admin("boss"), "/deop #ops bob")
        assert ops.marked() == ["~ann", "bob"]
        assert ann.active is bob.active is ops

    def test_what_they_are_not(self, types: Typing, ann: Session, bob: Session, ops: Room) -> None:
        """Nothing else is taken by them."""
        types(ann, "/op bob")
        with pytest.raises(NotFound, match="bob is not a voice of #ops"):
            types(ann, "/devoice bob")
        types(ann, "/deop bob")
        with pytest.raises(NotFound, match="bob is not an op of #ops"):
            types(ann, "/deop bob")
        assert ops.marked() == ["~ann", "bob"]
        assert bob.by not in ops.roles

    def test_ops_give_voice_and_no_more(
        self, world: World, types: Typing, ann: Session, bob: Session, ops: Room
    ) -> None:
        """What an owner may an op may not."""
        types(ann, "/op bob")
        world.room(world.member("cat"), "#ops")
        types(bob, "/voice cat")
        types(bob, "/devoice cat")
        for line in ("/op cat", "/deop cat", "/owner cat", "/room", "/rename two", "/drop"):
            with pytest.raises(NotAllowed, match=r"An op may not .* an owner may"):
                types(bob, line)
        with pytest.raises(NotAllowed, match="A member may not give voice"):
            types(world.member("dan"), "/voice #ops cat")
        assert ops.marked() == ["~ann", "@bob", "cat"]

    def test_owner_steps_down(self, types: Typing, ann: Session, bob: Session, ops: Room) -> None:
        """One may be less than one is; the oldest op is owner then."""
        types(ann, "/op bob")
        types(ann, "/deop ann")
        assert ops.marked() == ["ann", "~bob"]
        assert bob.active is ops


class RoomTests:
    def test_show_and_set(self, types: Typing, ann: Session, ops: Room) -> None:
        """All settings on a line; each is changed by its name."""
        plain = "guests default, join open, topic op, talk all, keep forever, slow off"
        assert told(types(ann, "/room")) == (plain,)
        assert told(types(ann, "/room set guests read")) == ()
        types(ann, "/room #ops set key s3same")
        types(ann, "/room set keep 30d")
        assert told(types(ann, "/room #ops")) == ("guests read, join key, topic op, talk all, keep 30d, slow off",)
        assert ops.settings.key == "s3same"

    @pytest.mark.parametrize(
        ("line", "why"),
        [
            ("/room set", "Like this: /room"),
            ("/room set guests", "Like this: /room"),
            ("/room change guests read", "/room set guests read"),
            ("/room set guests maybe", "guests is one of"),
            ("/room set colour red", "There is no setting colour"),
            ("/room set guests read #ops", "A room is named first: /room #ROOM set guests read"),
            ("/room set key two words", "A key is one word"),
            ("/room set key two #words", "A key is one word"),
        ],
    )
    def test_usage(self, types: Typing, ann: Session, ops: Room, line: str, why: str) -> None:
        """What cannot be set is told with what can."""
        with pytest.raises(BadUsage, match=why):
            types(ann, line)
        assert told(types(ann, "/room #ops"))[0].startswith("guests default")
        assert ops.settings.join == "open"


class TwiceTests:
    def test_drop(self, world: World, types: Typing, ann: Session, ops: Room) -> None:
        """It asks, and does it when it is said again, and soon."""
        asked = ("#ops and all that was said there will be gone for good: say it again within 30 s.",)
        assert told(types(ann, "/drop")) == asked
        world.at += CONFIRM_MS + 1
        assert told(types(ann, "/drop")) == asked
        assert told(types(ann, "/rename two"))[0].endswith("say it again within 30 s.")
        assert told(types(ann, "/drop #ops")) == asked
        world.at += CONFIRM_MS
        assert told(types(ann, "/drop #ops")) == ()
        assert world.chat.rooms.find("#ops") is None
        assert world.chat.rooms.by_id.get(ops.id) is None

    def test_one_rooms_question_is_not_anothers(self, world: World, types: Typing, ann: Session, ops: Room) -> None:
        """What was asked of one room confirms nothing in another."""
        two = world.room(ann, "#two")
        types(ann, "/drop #ops")
        types(ann, "/drop #two")
        assert {ops, two} <= set(world.chat.rooms)

    def test_rename(self, types: Typing, ann: Session, ops: Room) -> None:
        """It asks, too; with the name that it will be."""
        assert told(types(ann, "/rename Büro")) == ("#ops will be called #Büro: say it again within 30 s.",)
        assert told(types(ann, "/rename Büro")) == ()
        assert ops.name == "#Büro"
        types(ann, "/rename #büro #zwei"), types(ann, "/rename #büro #zwei")
        assert ops.name == "#zwei"
        with pytest.raises(BadRoom):
            types(ann, "/rename a!b")
        with pytest.raises(BadUsage):
            types(ann, "/rename")

    def test_lobby(self, world: World, types: Typing) -> None:
        """Where everybody starts stays as it is."""
        boss = world.admin("boss")
        for line in ("/drop", "/rename two"):
            with pytest.raises(NotAllowed, match="it stays"):
                types(boss, line)
