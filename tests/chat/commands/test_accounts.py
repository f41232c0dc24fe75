"""/register, /login, /logout, /passwd, /whoami, /claim and /nick with a password."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.chat.commands.conftest import told
from twistedchat.chat.claim import claim_hash
from twistedchat.chat.errors import BadLogin, BadUsage, NickOwned, NotAllowed
from twistedchat.chat.replies import Found, Secret

if TYPE_CHECKING:
    from tests.chat.commands.conftest import Typing
    from tests.chat.world import World


class RegisterTests:
    def test_password_is_asked_for(self, world: World, types: Typing) -> None:
        """Typed after the command or when it is asked for, it makes a member."""
        ann = world.enter("ann")
        asked = types(ann, "/register")
        assert asked == Secret("A password, of 8 characters at least: ", "/register")
        assert told(types(ann, f"{asked.line} correct-horse")) == (
            "You are ann, a member. /login ann brings you back.",
        )
        assert told(types(ann, "/whoami")) == ("You are ann, a member in #lobby.",)

    def test_who_may_not_is_not_asked(self, world: World, types: Typing) -> None:
        """Neither a member, nor who can be overheard."""
        ann, bob = world.member("ann"), world.enter("bob")
        bob.confidential = False
        for who in (ann, bob):
            with pytest.raises(NotAllowed, match=r"logged in as ann already|Use TLS"):
                types(who, "/register")

    def test_password_of_two_words(self, world: World, types: Typing) -> None:
        """There is none."""
        with pytest.raises(BadUsage, match=r"Like this: /register \[PASSWORD\]"):
            types(world.enter("ann"), "/register correct horse")


class LoginTests:
    def test_login_and_logout(self, world: World, types: Typing) -> None:
        """Whoever knows the password is the member, and a guest again when they like."""
        world.leave(world.member("ann"))
        gast = world.enter("gast")
        asked = types(gast, "/login ann")
        assert asked == Secret("Password of ann: ", "/login ann")
        assert told(types(gast, f"{asked.line} ann-secret")) == ("You are ann, a member.",)
        assert told(types(gast, "/logout")) == ("You are ann2, a guest.",)
        assert told(types(gast, "/logout")) == ("You are a guest.",)
        assert told(types(gast, "/whoami")) == (
            "You are ann2, a guest in #lobby. /register keeps your nickname yours.",
        )

    def test_what_came_meanwhile(self, world: World, types: Typing) -> None:
        """They are told as if they had come as a member; but not of what they ignore, and nobody who was not away."""
        ann, bob, cat = world.member("ann"), world.member("bob"), world.member("cat")
        ops = world.room(bob, "#ops", ann)
        types(ann, "/ignore cat")
        world.leave(ann)
        world.chat.say(bob, ops, "beer", world.at)
        types(bob, "/msg ann psst")
        gast = world.enter("gast")
        reply = types(gast, "/login ann ann-secret")
        assert isinstance(reply, Found)
        assert reply.lines == (
            "You are ann, a member.",
            "There is something new in #ops: /missed shows it, /join #ops goes there.",
            "1 private message while you were away --",
        )
        types(cat, "/msg ann psst?"), types(world.member("dan"), "/msg ann psst!")
        assert told(types(gast, "/login ann ann-secret")) == ("You are ann, a member.",)
        assert told(types(world.enter("gast2"), "/login ann ann-secret")) == ("You are ann, a member.",)
        world.leave(gast)
        [again] = world.chat.people.persons[ann.by].sessions
        world.leave(again)
        reply = types(world.enter("gast3"), "/login ann ann-secret")
        assert isinstance(reply, Found)
        assert [getattr(entry.event, "text", "") for _, entry in reply.entries] == ["psst", "psst!"]
        assert reply.lines[-1] == "2 private messages while you were away --"

    def test_wrong_password(self, world: World, types: Typing) -> None:
        """It is refused, and nothing of it is repeated."""
        world.leave(world.member("ann"))
        with pytest.raises(BadLogin) as refused:
            types(world.enter("gast"), "/login ann wrong-one")
        assert "wrong-one" not in refused.value.text

    def test_who_can_be_overheard_is_not_asked(self, world: World, types: Typing) -> None:
        """A password is not even asked for."""
        gast = world.enter("gast")
        gast.confidential = False
        for line in ("/login ann", "/passwd"):
            with pytest.raises(NotAllowed, match="Use TLS"):
                types(gast, line)

    def test_nick_with_a_password(self, world: World, types: Typing) -> None:
        """A member's name is taken by its password, and not without."""
        world.leave(world.member("ann"))
        gast = world.enter("gast")
        with pytest.raises(NickOwned):
            types(gast, "/nick ann")
        assert told(types(gast, "/nick ann ann-secret")) == ("You are ann now.",)

    def test_admins_are_told_what_they_are(self, world: World, types: Typing) -> None:
        """Whoever logs in learns what they may."""
        world.leave(world.admin("boss"))
        assert told(types(world.enter("gast"), "/login boss boss-secret")) == ("You are boss, an admin.",)

    def test_whoami_in_no_room(self, world: World, types: Typing) -> None:
        """Somebody is somebody everywhere."""
        assert told(types(world.come("gast"), "/whoami")) == (
            "You are gast, a guest. /register keeps your nickname yours.",
        )


class PasswdTests:
    def test_both_are_asked_for(self, world: World, types: Typing) -> None:
        """First the one they have, then the new one."""
        ann = world.member("ann")
        asked = types(ann, "/passwd")
        assert asked == Secret("The password that you have: ", "/passwd")
        asked = types(ann, f"{asked.line} ann-secret")
        assert asked == Secret("The new one, of 8 characters at least: ", "/passwd ann-secret")
        assert told(types(ann, f"{asked.line} correct-horse")) == ("Your password is changed.",)
        types(world.enter("gast"), "/login ann correct-horse")

    def test_guests_have_none(self, world: World, types: Typing) -> None:
        """They are told how to get one."""
        assert told(types(world.enter("gast"), "/passwd")) == (
            "You are a guest, without a password. /register makes you a member.",
        )


class ClaimTests:
    def test_code(self, world: World, types: Typing) -> None:
        """Members are admins for good, guests as long as they are here, unless they register."""
        world.log.code = claim_hash("ABCD1234")
        ann, gast = world.member("ann"), world.enter("gast")
        with pytest.raises(BadLogin):
            types(ann, "/claim nonsense")
        assert told(types(ann, "/claim abcd-1234")) == ("You are admin of this server.",)
        assert told(types(gast, "/claim ABCD 1234")) == (
            "You are admin of this server until you leave: /register now, to stay it.",
        )
        assert told(types(gast, "/register correct-horse")) == (
            "You are gast, a member. /login gast brings you back. You are admin of this server for good now.",
        )
