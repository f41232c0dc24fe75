"""/kick, /ban, /unban, /bans, /mute, /unmute and /slow."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.chat.commands.conftest import told
from twistedchat.chat.acts import Banned, Kicked, Muted, Unbanned, Unmuted
from twistedchat.chat.durations import SECOND
from twistedchat.chat.errors import BadUsage, NoRoom, NoSuchNick, NotAllowed, NotFound, NotInRoom
from twistedchat.chat.errors import Banned as KeptOut
from twistedchat.chat.errors import Muted as Silenced
from twistedchat.chat.events import Removed
from twistedchat.chat.people import GONE_MOST, GONE_MS
from twistedchat.chat.presence import NETWORKS_MOST
from twistedchat.chat.roles import Role
from twistedchat.chat.sanctions import Sanction
from twistedchat.chat.session import Person

if TYPE_CHECKING:
    from tests.chat.commands.conftest import Typing
    from tests.chat.world import World
    from twistedchat.chat.room import Room
    from twistedchat.chat.session import Session

HOUR = 3600 * SECOND


@pytest.fixture
def ann(world: World) -> Session:
    return world.member("ann")


@pytest.fixture
def bob(world: World) -> Session:
    return world.member("bob")


@pytest.fixture
def ops(world: World, ann: Session, bob: Session) -> Room:
    return world.room(ann, "#ops", bob)


class KickTests:
    def test_kick(self, world: World, types: Typing, ann: Session, bob: Session, ops: Room) -> None:
        """From the active room, or from the one that stands before the nickname; with a reason or without."""
        assert told(types(ann, "/kick BOB no\nshouting")) == ()
        world.room(bob, "#ops")
        types(ann, "/join #lobby")
        world.ear.news.clear()
        types(ann, "/kick #ops bob")
        assert world.ear.heard(ops) == [Kicked("ann", "bob", bob.by)]
        assert world.log.entries[0].event == Kicked("ann", "bob", bob.by, "no shouting")

    def test_what_is_no_kick(self, types: Typing, ann: Session, bob: Session, ops: Room) -> None:
        """Nobody, somebody who is not there, somebody whom one may not."""
        for line, error in [
            ("/kick", BadUsage),
            ("/kick nobody", NoSuchNick),
            ("/kick #none bob", NoRoom),
            ("/kick #lobby bob", NotAllowed),
            ("/kick ann", NotAllowed),
        ]:
            with pytest.raises(error):
                types(ann, line)
        with pytest.raises(NotAllowed, match="A member may not keep order here; an op may"):
            types(bob, "/kick ann")
        assert ops.people() == ["ann", "bob"]

    def test_in_no_room(self, world: World, types: Typing) -> None:
        """Who is in no room says which one they mean."""
        with pytest.raises(NotInRoom, match="You are in no room"):
            types(world.come("gast"), "/kick bob")


class BanTests:
    @pytest.mark.parametrize(
        ("line", "until", "why", "said"),
        [
            ("/ban bob", 0, "", "Banned from #ops: "),
            ("/ban bob spam and eggs", 0, "spam and eggs", "Banned from #ops: "),
            ("/ban bob 2h", 2 * HOUR, "", "Banned from #ops for 2h: "),
            ("/ban bob 90m spam", 90 * 60 * SECOND, "spam", "Banned from #ops for 90m: "),
        ],
    )
    def test_ban(  # noqa: PLR0913, PLR0917 - what is typed, and what comes of it
        self,
        world: World,
        types: Typing,
        ann: Session,
        bob: Session,
        ops: Room,
        line: str,
        until: int,
        why: str,
        said: str,
    ) -> None:
        """For a time that may be left out, for a reason that may be left out; it is said what it hits."""
        assert told(types(ann, line)) == (f"{said}bob: the account. /unban #ops bob lifts it.",)
        until = until and world.at + until
        assert world.ear.heard(ops) == [Banned("ann", "bob", (bob.by,), until, why)]
        assert told(types(ann, "/unban BOB")) == ()
        assert world.ear.heard(ops)[-1] == Unbanned("ann", "bob")

    def test_room_behind(self, world: World, types: Typing, ann: Session, bob: Session, ops: Room) -> None:
        """A room that is named behind the nickname is meant, and is no reason; nobody is banned from another one."""
        ann.active = bob.active = world.lobby
        for line in (
            "/ban bob #ops",
            "/ban bob 2h #ops",
            "/ban bob #ops 2h spam",
            "/mute bob #ops",
            "/kick bob #ops",
        ):
            world.ear.news.clear()
            types(ann, line)
            [event] = world.ear.heard(ops)
            assert isinstance(event, Banned | Muted | Kicked)
            assert (event.who, event.why) == ("bob", "spam" if "spam" in line else "")
            if ops.bans:
                types(ann, "/unban bob #ops")
            types(bob, "/join #ops")
            ann.active = bob.active = world.lobby
        assert world.lobby.holds(bob.person)
        with pytest.raises(NotAllowed):
            types(bob, "/ban ann #lobby")
        with pytest.raises(NoRoom):
            types(ann, "/kick bob #none")

    @pytest.mark.parametrize("time", ["10", "10 s", "2x", "-1h", "0s", "1h30"])
    def test_a_time_that_is_mistyped(self, types: Typing, ann: Session, ops: Room, time: str) -> None:
        """It does not mean for ever."""
        for line in ("/ban", "/mute"):
            with pytest.raises(BadUsage, match=r"is no time: 30s, 10m, 2h and 7d are"):
                types(ann, f"{line} bob {time}")
        assert not ops.bans
        assert not ops.mutes

    @pytest.mark.parametrize(
        ("typed", "called"),
        [("203.0.113.7", "203.0.113.7/32"), ("2001:db8::7", "2001:db8::/64"), ("10.1.0.0/16", "10.1.0.0/16")],
    )
    def test_address(self, world: World, types: Typing, ann: Session, ops: Room, typed: str, called: str) -> None:
        """It is lifted as it was typed, or as it is called."""
        gast = world.enter("gast", address=typed.partition("/")[0])
        world.room(gast, "#ops")
        assert told(types(ann, f"/ban {typed}")) == (
            f"Banned from #ops: {called}: everybody from that address. /unban #ops {called} lifts it.",
        )
        assert ops.people() == ["ann", "bob"]
        for again in (typed, called):
            assert told(types(ann, f"/unban {again}")) == ()
            assert world.ear.heard(ops)[-1] == Unbanned("ann", called)
            types(ann, f"/ban {typed}")

    def test_whole_server(self, world: World, types: Typing, bob: Session) -> None:
        """With -s, which only admins say, also in no room."""
        boss = world.admin("boss")
        types(boss, "/part")
        assert told(types(boss, "/ban -s bob 2h spam")) == (
            "Banned from this server for 2h: bob: the account. /unban -s bob lifts it.",
        )
        assert bob.gone
        assert told(types(boss, "/bans -s")) == ("bob is banned for 2h more by boss: spam",)
        with pytest.raises(NotInRoom):
            types(boss, "/unban bob")
        assert told(types(boss, "/unban -s bob")) == ("bob is not banned any more.",)
        assert told(types(boss, "/bans -s")) == ("Nobody is banned or muted.",)

    @pytest.mark.parametrize("line", ["/ban", "/ban -s", "/unban", "/unban a b", "/bans x", "/mute", "/kick -s"])
    def test_usage(self, world: World, types: Typing, line: str) -> None:
        """Whoever types something else is told how it goes."""
        with pytest.raises((BadUsage, NoSuchNick), match=r"Like this: /|Nobody here is called -s"):
            types(world.admin("boss"), line)

    def test_bans(self, world: World, types: Typing, ann: Session, ops: Room) -> None:
        """All that hold are listed, with who, how long and why; who is no op does not see them."""
        assert told(types(ann, "/bans")) == ("Nobody is banned or muted.",)
        types(ann, "/ban bob 2h spam"), types(ann, "/mute bob 10m")
        types(ann, "/mute 203.0.113.7")
        world.at += 5 * SECOND
        lines = told(types(ann, "/bans #ops"))
        assert lines == (
            "bob is banned for 2h more by ann: spam",
            "bob is muted for 10m more by ann",
            "203.0.113.7/32 is muted by ann",
        )
        world.at += 2 * HOUR
        assert told(types(ann, "/bans")) == ("203.0.113.7/32 is muted by ann",)
        with pytest.raises(NotAllowed):
            types(world.member("cat"), "/bans #ops")
        assert ops.bans.named("bob") is not None


class GoneTests:
    """Who has just gone is known for a while, for whoever keeps order is seldom quick enough."""

    ADDRESS = "203.0.113.7"

    def troll(self, world: World, nick: str = "troll") -> Session:
        troll = world.enter(nick, address=self.ADDRESS, secret="s1")
        world.room(troll, "#ops")
        return troll

    @pytest.mark.parametrize("line", ["/ban TROLL 2h", "/mute troll 2h"])
    def test_guest(self, world: World, types: Typing, ann: Session, ops: Room, line: str) -> None:
        """They are hit, and so is the address that they had, by whatever name it comes again."""
        world.leave(self.troll(world))
        [answer] = told(types(ann, line))
        assert "2h: troll: guests of that name, and guests and new accounts from the same address. /un" in answer
        with pytest.raises((KeptOut, Silenced)):
            world.chat.say(self.troll(world, "another"), ops, "again", world.at)

    def test_member(self, world: World, types: Typing, ann: Session, ops: Room) -> None:
        """The account is hit, and guests from the last address."""
        bob = world.again("bob", address=self.ADDRESS)
        for session in (bob, *bob.person.sessions):
            world.leave(session)
        assert told(types(ann, "/ban #ops bob"))[0].startswith("Banned from #ops: bob: the account, and guests")
        with pytest.raises(KeptOut):
            self.troll(world, "another")
        assert ops.people() == ["ann"]

    def test_by_what_they_have_said(self, world: World, types: Typing, ann: Session, ops: Room) -> None:
        """Also by a name that they had then; later on, and after a restart, by that alone."""
        troll = self.troll(world)
        world.chat.say(troll, ops, "spam", world.at)
        world.do(world.chat.people.rename(troll, "saint", world.at))
        [line] = told(types(ann, "/mute Troll"))
        assert line.startswith("Muted in #ops: saint: guests of that name, and guests")
        assert line.endswith(" /unmute #ops saint lifts it.")
        world.leave(troll)
        assert told(types(ann, "/unmute saint")) == ()
        assert told(types(ann, "/mute troll"))[0].startswith("Muted in #ops: saint: guests of that name, and guests")
        world.at += GONE_MS
        world.chat.tick(world.at)
        assert told(types(ann, "/ban troll")) == (
            "Banned from #ops: troll: guests of that name. /unban #ops troll lifts it.",
        )
        types(ann, "/del troll")
        assert [type(entry.event) for entry in world.log.entries if entry.seq == 1] == [Removed]

    def test_the_last_of_that_name(self, world: World, types: Typing, ann: Session, ops: Room) -> None:
        """Of several who have gone the last one is meant, and who is here before all of them."""
        first = self.troll(world)
        world.leave(first)
        world.at += GONE_MS
        second = world.enter("troll", address="203.0.113.8")
        world.leave(second)
        types(ann, "/ban troll")
        named = ops.bans.named("troll")
        assert named is not None
        assert named.masks == (second.by, "=troll", "~203.0.113.8/32")

    def test_from_so_many_addresses_and_no_more(self, world: World, ann: Session) -> None:
        """Whoever comes from ever new ones, and is here by another connection still, makes no ban grow for ever."""
        for number in range(2 * NETWORKS_MOST):
            world.leave(world.again("ann", address=f"203.0.113.{number}"))
        assert len(ann.person.networks) == NETWORKS_MOST

    def test_so_many_and_no_more(self, world: World) -> None:
        """The others are forgotten, the longest gone first."""
        people = world.chat.people
        for number in range(GONE_MOST + 1):
            people.went(Person(f"g{number}"), world.at)
        people.went(Person("g1"), world.at)
        assert (len(people.gone), next(iter(people.gone)), list(people.gone)[-1]) == (GONE_MOST, "g2", "g1")

    def test_nobody(self, world: World, types: Typing, ann: Session, ops: Room) -> None:
        """Who was never there; and what was said in a private room names nobody to an admin outside."""
        boss, troll = world.admin("boss"), self.troll(world)
        for line in ("/ban nobody", "/ban #lobby nobody", "/ban -s nobody", "/del #ops nobody"):
            with pytest.raises((NoSuchNick, BadUsage)):
                types(boss, line)
        world.chat.say(troll, ops, "spam", world.at)
        with pytest.raises(NoSuchNick):
            types(ann, "/ban nobody")
        types(ann, "/room set join invite")
        world.leave(troll)
        world.chat.people.gone.clear()
        with pytest.raises(NoSuchNick):
            types(boss, "/ban #ops troll")


class KeptOutTests:
    @pytest.mark.parametrize(
        "line", ["/who #ops", "/topic #ops", "/history #ops", "/invite #ops cat", "/kick #ops cat", "/bans #ops"]
    )
    def test_banned_people(self, types: Typing, ann: Session, bob: Session, ops: Room, line: str) -> None:
        """Whoever is banned from a room has nothing to do with it, whatever they are."""
        types(ann, "/ban bob 2h spam")
        ops.roles[bob.by] = Role.OP
        with pytest.raises(KeptOut, match="You are banned from #ops for 2h more: spam"):
            types(bob, line)

    def test_admins_can_lift_it(self, world: World, types: Typing, ops: Room) -> None:
        """Nobody keeps an admin from keeping order."""
        boss = world.admin("boss")
        ops.bans.add(Sanction("boss", (boss.by,), "ann", 0))
        assert told(types(boss, "/unban #ops boss")) == ("boss is not banned any more.",)


class MuteTests:
    def test_mute(self, world: World, types: Typing, ann: Session, bob: Session, ops: Room) -> None:
        """As with bans."""
        assert told(types(ann, "/mute bob 10m calm down")) == (
            "Muted in #ops for 10m: bob: the account. /unmute #ops bob lifts it.",
        )
        assert world.ear.heard(ops) == [Muted("ann", "bob", (bob.by,), world.at + 600 * SECOND, "calm down")]
        assert told(types(ann, "/unmute #ops bob")) == ()
        assert world.ear.heard(ops) == [Unmuted("ann", "bob")]
        assert told(types(ann, "/mute 10.1.0.0/16")) == (
            "Muted in #ops: 10.1.0.0/16: everybody from that address. /unmute #ops 10.1.0.0/16 lifts it.",
        )
        types(ann, "/unmute 10.1.0.0/16")
        with pytest.raises(NotFound, match="bob is not muted"):
            types(ann, "/unmute bob")

    def test_whole_server(self, world: World, types: Typing, bob: Session) -> None:
        """With -s."""
        boss = world.admin("boss")
        assert told(types(boss, "/mute -s bob")) == (
            "Muted on this server: bob: the account. /unmute -s bob lifts it.",
        )
        assert told(types(boss, "/bans -s")) == ("bob is muted by boss",)
        assert told(types(boss, "/unmute -s bob")) == ("bob is not muted any more.",)
        assert not bob.gone


class OutsideTests:
    @pytest.mark.usefixtures("ops")
    def test_answers(self, world: World, types: Typing, bob: Session) -> None:
        """Who does not hear it in the room is told that it was done, and whoever does is told once."""
        boss = world.admin("boss")
        for line, said in [
            ("/slow #ops 10s", "#ops is slow now: 10s."),
            ("/room #ops set slow off", "#ops is changed."),
            ("/voice #ops bob", "bob has the role voice in #ops now."),
            ("/devoice #ops bob", "bob has no role in #ops now."),
            ("/kick #ops bob", "bob is out of #ops."),
        ]:
            assert told(types(boss, line)) == (said,)
        types(boss, "/mute #ops bob"), types(boss, "/ban #ops bob")
        assert told(types(boss, "/unmute #ops bob")) == ("bob is not muted any more.",)
        assert told(types(boss, "/unban #ops bob")) == ("bob is not banned any more.",)
        types(boss, "/rename #ops #den")
        assert told(types(boss, "/rename #ops #den")) == ("It is called #den now.",)
        types(boss, "/drop #den")
        assert told(types(boss, "/drop #den")) == ("#den is gone.",)
        assert not bob.gone


class SlowTests:
    def test_slow(self, types: Typing, ann: Session, bob: Session, ops: Room) -> None:
        """The room may stand before the time, or after it."""
        for line, seconds in (("/slow 10s", 10), ("/slow #ops 1m", 60), ("/slow 5s #ops", 5), ("/slow off", 0)):
            assert told(types(ann, line)) == ()
            assert ops.settings.slow == seconds
        for line in ("/slow", "/slow fast", "/slow 7h"):
            with pytest.raises(BadUsage):
                types(ann, line)
        with pytest.raises(NotAllowed):
            types(bob, "/slow 10s")
