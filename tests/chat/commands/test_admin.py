"""The server itself: /version, /time, /ping, /stats, /shout, /kill and /audit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.chat.commands.conftest import told
from tests.chat.world import World
from twistedchat import __version__
from twistedchat.chat.acts import Claimed, Killed, Reloaded, Shouted
from twistedchat.chat.errors import BadSettings, BadUsage, NoSuchNick, NotAllowed, NotStored
from twistedchat.chat.events import Left
from twistedchat.chat.log import Remembered
from twistedchat.chat.replies import Audited
from twistedchat.chat.reread import Reread

if TYPE_CHECKING:
    from tests.chat.commands.conftest import Typing


class LookTests:
    def test_what_everybody_may_ask(self, world: World, types: Typing) -> None:
        """The version, the time, whether it answers, and how many they are."""
        ann = world.member("ann")
        world.again("ann")
        world.leave(world.member("bob"))
        assert told(types(ann, "/version")) == (f"tcpchat {__version__}",)
        assert told(types(ann, "/time")) == ("2023-11-14 22:13:20 UTC",)
        assert told(types(ann, "/ping")) == ("pong",)
        assert told(types(ann, "/stats")) == ("1 here, 2 members in all, 1 rooms.",)


class ShoutTests:
    def test_shout(self, world: World, types: Typing) -> None:
        """One line for everybody."""
        boss, gast = world.admin("boss"), world.come("gast")
        assert told(types(boss, "/shout back\nat ten")) == ()
        [((_, entry), people)] = world.ear.news[-1].direct
        assert (entry.event, people) == (Shouted("boss", "back at ten"), [boss, gast])

    def test_kill(self, world: World, types: Typing) -> None:
        """Their connections end."""
        boss, gast = world.admin("boss"), world.enter("gast")
        assert told(types(boss, "/kill gast go to bed")) == ("gast is gone.",)
        assert world.ear.dismissed == [gast]
        with pytest.raises(NoSuchNick):
            types(boss, "/kill gast")


class ReloadTests:
    """The settings of the server are read again."""

    def test_reload(self, types: Typing) -> None:
        """All of them, and it is in the audit log what has changed; what waits for the next start is said."""
        applied: list[str] = []
        reread = Reread(("limits.burst",), ("listen.port", "rooms.lobby"), "talk", lambda: applied.append("yes"))
        world = World(reread=lambda: reread)
        boss = world.admin("boss")
        assert told(types(boss, "/reload", world)) == (
            "Other from now on: limits.burst.",
            "Only at the next start: listen.port, rooms.lobby.",
        )
        assert applied == ["yes"]
        assert world.log.acts[-1].event == Reloaded("boss", ("limits.burst",), "talk")

    def test_nothing_else(self, world: World, types: Typing) -> None:
        """A server without settings of its own has nothing to change."""
        assert told(types(world.admin("boss"), "/reload")) == ("Nothing is other than before.",)
        with pytest.raises(NotAllowed):
            types(world.member("ann"), "/reload")

    def test_what_is_wrong(self, types: Typing) -> None:
        """It is told to who has asked, and nothing is changed, nor written down."""

        def reread() -> Reread:
            raise BadSettings("The settings stay as they are: limits.burst: it is -1")

        world = World(reread=reread)
        boss = world.admin("boss")
        before = list(world.log.acts)
        with pytest.raises(BadSettings, match="it is -1"):
            types(boss, "/reload", world)
        assert world.log.acts == before

    def test_log_that_refuses(self, types: Typing) -> None:
        """What cannot be written down is not done."""
        applied: list[str] = []
        world = World(reread=lambda: Reread((), (), "none", lambda: applied.append("yes")))
        boss, gast = world.admin("boss"), world.enter("gast")
        world.log.refusal = NotStored("the disk is full")
        with pytest.raises(NotStored):
            types(boss, "/reload", world)
        assert applied == []
        assert world.lobby.holds(gast.person)

    def test_guests_who_may_not_be_here_any_more(self, types: Typing) -> None:
        """They are put out of the rooms, which hear of it; members stay."""
        world = World(reread=lambda: Reread(("rooms.guests",), (), "none", lambda: None))
        boss, gast = world.admin("boss"), world.enter("gast")
        world.ear.news.clear()
        types(boss, "/reload", world)
        assert world.ear.news[-1].out == {world.lobby: {gast: 1}}
        assert world.heard() == [Reloaded("boss", ("rooms.guests",), "none"), Left("gast", gast.id)]
        assert world.lobby.people() == ["boss"]
        with pytest.raises(NotAllowed):
            world.do(world.chat.join(gast, world.lobby, world.at))

    def test_what_holds_from_then_on(self, world: World) -> None:
        """Whether there are new members, and how long things are kept."""
        ann = world.enter("ann")
        world.chat.adopt(register=False, keep=1000)
        with pytest.raises(NotAllowed, match="no new members"):
            world.do(world.chat.accounts.register(ann, "a-password", world.at))
        world.do(world.chat.retain(world.at))
        assert world.log.pruned == [(world.lobby.id, world.at - 1000)]


class MotdTests:
    def test_motd(self, world: World, types: Typing) -> None:
        """Admins say it, everybody may ask for it, and off ends it."""
        boss, gast = world.admin("boss"), world.enter("gast")
        assert told(types(gast, "/motd")) == ("There is nothing to say today.",)
        assert told(types(boss, "/motd Beer\nat eight")) == ("Beer at eight",)
        assert told(types(gast, "/motd")) == ("Beer at eight",)
        with pytest.raises(NotAllowed, match="A guest may not administer the server; an admin may"):
            types(gast, "/motd off")
        assert told(types(boss, "/motd off")) == ("There is nothing to say today.",)

    def test_remembered(self) -> None:
        """It is said after a restart as well."""
        assert World(remembered=Remembered("e1", (), (), motd="hello")).chat.motd == "hello"


class AuditTests:
    def test_what_was_done(self, world: World, types: Typing) -> None:
        """The last acts, oldest first, each with its room, or the server's."""
        boss = world.admin("boss")
        gast = world.enter("gast")
        world.room(gast, "#tmp")
        types(boss, "/kick #tmp gast")
        types(boss, "/kill gast")
        shown = types(boss, "/audit")
        assert isinstance(shown, Audited)
        assert [name for name, _ in shown.entries] == ["", shown.entries[1][1].stream, ""]
        assert [type(each.event).__name__ for _, each in shown.entries] == ["Claimed", "Kicked", "Killed"]
        last = types(boss, "/audit 1")
        assert isinstance(last, Audited)
        assert [type(each.event) for _, each in last.entries] == [Killed]
        assert isinstance(types(boss, "/audit 0"), Audited)
        assert isinstance(shown.entries[0][1].event, Claimed)

    def test_room_that_is_there(self, world: World, types: Typing) -> None:
        """It is called as it is called now."""
        boss = world.admin("boss")
        world.room(boss, "#ops")
        types(boss, "/slow 10s"), types(boss, "/rename den"), types(boss, "/rename den")
        shown = types(boss, "/audit 2")
        assert isinstance(shown, Audited)
        assert [name for name, _ in shown.entries] == ["#den", "#den"]

    def test_nothing(self, world: World, types: Typing) -> None:
        """Where nothing has been done that is said."""
        boss = world.admin("boss")
        world.log.acts.clear()
        assert told(types(boss, "/audit")) == ("Nothing has been done yet.",)
        with pytest.raises(BadUsage, match="N is a number, not all"):
            types(boss, "/audit all")

    @pytest.mark.parametrize("line", ["/audit", "/shout hello", "/kill gast", "/ban -s gast", "/bans -s"])
    def test_admins_only(self, world: World, types: Typing, line: str) -> None:
        """Not even the owner of the room may."""
        gast, ann = world.enter("gast"), world.member("ann")
        world.room(ann, "#ops", gast)
        for who, role in ((ann, "An? (owner|member)"), (gast, "A guest")):
            with pytest.raises(NotAllowed, match=f"^{role} may not administer the server; an admin may"):
                types(who, line)
