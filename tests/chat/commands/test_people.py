"""/nick, /who, /whois and /quit: who is here, and under which name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.chat.commands.conftest import told
from twistedchat.chat.errors import BadUsage, NickTaken, NoRoom, NoSuchNick, NotInRoom
from twistedchat.chat.events import Renamed
from twistedchat.chat.replies import Goodbye, Told

if TYPE_CHECKING:
    from tests.chat.commands.conftest import Typing
    from tests.chat.world import World


class NickTests:
    def test_nick(self, world: World, types: Typing) -> None:
        """Who takes another name is told so, and so is the room."""
        ann = world.enter("ann")
        assert told(types(ann, "/nick anna")) == ("You are anna now.",)
        assert world.heard() == [Renamed("ann", ann.id, "anna")]

    def test_nick_that_is_taken(self, world: World, types: Typing) -> None:
        """Who wants another's name keeps their own."""
        ann, _ = world.enter("ann"), world.enter("bob")
        with pytest.raises(NickTaken):
            types(ann, "/nick Bob")
        assert ann.nick == "ann"

    @pytest.mark.parametrize("line", ["/nick", "/nick a b c"])
    def test_usage(self, world: World, types: Typing, line: str) -> None:
        """A nickname is one word, and so is a password."""
        with pytest.raises(BadUsage, match=r"Like this: /nick NICK \[PASSWORD\]"):
            types(world.enter("ann"), line)


class WhoTests:
    def test_who(self, world: World, types: Typing) -> None:
        """Those in the room are counted and named, each once."""
        ann = world.member("ann")
        assert told(types(ann, "/who")) == ("#lobby (1 person): ann",)
        world.enter("Bob")
        world.again("ann")
        assert told(types(ann, "/names")) == ("#lobby (2 people): ann, Bob",)

    def test_marks(self, world: World, types: Typing) -> None:
        """What they are in the room stands before their names, and who is away is said to be."""
        ann, bob, cat = world.member("ann"), world.member("bob"), world.member("cat")
        world.room(ann, "#ops", bob, cat)
        types(ann, "/op bob"), types(ann, "/voice cat"), types(cat, "/away")
        assert told(types(ann, "/who")) == ("#ops (3 people): ~ann, @bob, +cat (away)",)

    def test_bots(self, world: World, types: Typing) -> None:
        """Who says that they are a program is marked; a member's word for it is kept, that of a visit is not."""
        ann, cat = world.member("ann"), world.member("cat")
        gast = world.chat.people.visitor(bot=True)
        world.do(world.chat.people.arrive(gast, "gast", world.at))
        world.room(ann, "#ops", cat, gast)
        types(cat, "/set bot on"), types(cat, "/away")
        reply = types(ann, "/who")
        assert told(reply) == ("#ops (3 people): ~ann, cat (bot, away), gast (bot)",)
        assert isinstance(reply, Told)
        assert reply.facts["who"] == [
            {"nick": "ann", "role": "owner", "account": "ann"},
            {"nick": "cat", "role": "member", "account": "cat", "bot": True, "away": "away"},
            {"nick": "gast", "role": "guest", "bot": True},
        ]
        assert told(types(ann, "/whois gast")) == ("gast is a guest, a bot, in #ops.",)
        world.leave(cat)
        assert world.chat.people.accounts[cat.by].prefs.bot
        types(world.again("cat"), "/set bot off")
        assert not world.chat.people.accounts[cat.by].prefs.bot

    def test_private_rooms(self, world: World, types: Typing) -> None:
        """Who is in one is not told to who is not; neither is an admin."""
        ann, boss = world.member("ann"), world.admin("boss")
        world.room(ann, "#den")
        types(ann, "/room set join invite")
        assert told(types(ann, "/who #den")) == ("#den (1 person): ~ann",)
        for line in ("/who #den", "/topic #den"):
            with pytest.raises(NotInRoom, match="#den is private, and you are not in it"):
                types(boss, line)
        assert told(types(boss, "/whois ann")) == ("ann is a member, in #lobby.", "ann comes from this computer.")
        assert told(types(boss, "/rooms")) == ("#lobby (2)",)
        assert told(types(ann, "/rooms")) == ("#den (1)", "#lobby (2)")

    def test_in_no_room(self, world: World, types: Typing) -> None:
        """Who is in none says which one they mean."""
        with pytest.raises(NotInRoom, match="You are in no room"):
            types(world.come("ann"), "/who")
        with pytest.raises(NoRoom):
            types(world.come("bob"), "/who #none")


class WhoisTests:
    def test_address_is_for_admins(self, world: World, types: Typing) -> None:
        """Others learn what everybody may; admins where somebody comes from, by each connection."""
        bob = world.member("bob", address="203.0.113.7")
        world.again("bob", address="198.51.100.1")
        boss = world.admin("boss")
        assert told(types(bob, "/whois bob")) == ("bob is a member, in #lobby.",)
        assert told(types(boss, "/whois bob")) == (
            "bob is a member, in #lobby.",
            "bob comes from 198.51.100.1.",
            "bob comes from 203.0.113.7.",
        )

    def test_who_is_not_here(self, world: World, types: Typing) -> None:
        """Members are known all the same; guests are not."""
        ann, bob = world.enter("ann"), world.member("bob")
        types(bob, "/away at sea")
        world.leave(bob)
        assert told(types(ann, "/whois bob")) == ("bob is a member, not here; away: at sea.",)
        world.leave(world.enter("gast"))
        with pytest.raises(NoSuchNick, match="Nobody here is called gast"):
            types(ann, "/whois gast")


class QuitTests:
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


class FactsTests:
    """What programs are told beside the lines."""

    def test_who(self, world: World, types: Typing) -> None:
        """Each person with their role, whose account they are, and why they are away."""
        ann, gast = world.member("ann"), world.enter("gast")
        world.room(ann, "#ops", gast)
        types(gast, "/away lunch")
        reply = types(ann, "/who")
        assert isinstance(reply, Told)
        assert reply.facts == {
            "room": "#ops",
            "who": [
                {"nick": "ann", "role": "owner", "account": "ann"},
                {"nick": "gast", "role": "guest", "away": "lunch"},
            ],
        }

    def test_nick_and_rooms(self, world: World, types: Typing) -> None:
        """Who one is now, and all rooms that one may know of."""
        ann, bob = world.member("ann"), world.member("bob")
        world.room(bob, "#den")
        types(bob, "/room set join invite")
        named, listed = types(ann, "/nick anna"), types(ann, "/rooms")
        assert isinstance(named, Told)
        assert isinstance(listed, Told)
        assert named.facts == {"nick": "anna"}
        assert listed.facts == {"rooms": [{"room": "#lobby", "people": 2, "topic": ""}]}
