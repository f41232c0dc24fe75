"""Passwords are changed, and one-time codes make admins."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from twistedchat.chat.claim import claim_hash
from twistedchat.chat.errors import BadLogin, BadText, SlowDown

if TYPE_CHECKING:
    from tests.chat.world import World
    from twistedchat.chat.session import Session

GOOD = "correct-horse"


def login(world: World, session: Session, nick: str, password: str) -> None:
    world.do(world.chat.accounts.login(session, nick, password, world.at))


class PasswordTests:
    def test_changed(self, world: World) -> None:
        """The new one is good, the old one is not."""
        ann = world.member("ann")
        world.do(world.chat.accounts.change_password(ann, "ann-secret", GOOD, world.at))
        gast = world.enter("gast")
        with pytest.raises(BadLogin):
            login(world, gast, "ann", "ann-secret")
        login(world, gast, "ann", GOOD)

    def test_other_visits_end(self, world: World) -> None:
        """Whoever knows the old one may be at them; this one stays, and keeps what it comes back with."""
        ann, phone = world.member("ann", secret="s1"), world.again("ann", secret="s2")
        world.log.secrets |= {"s1": ann.by, "s2": ann.by, "s3": "g1"}
        world.do(world.chat.accounts.change_password(ann, "ann-secret", GOOD, world.at))
        assert world.ear.dismissed == [phone]
        assert world.ear.goodbyes == [("bye", "The password was changed by another connection.")]
        assert world.log.secrets == {"s1": ann.by, "s3": "g1"}
        assert world.lobby.people() == ["ann"]

    def test_wrong_old_one(self, world: World) -> None:
        """Who does not know it changes nothing."""
        ann = world.member("ann")
        with pytest.raises(BadLogin):
            world.do(world.chat.accounts.change_password(ann, "wrong-one", GOOD, world.at))
        with pytest.raises(BadText):
            world.do(world.chat.accounts.change_password(ann, "ann-secret", "short", world.at))
        with pytest.raises(BadLogin):
            world.do(world.chat.accounts.change_password(world.enter("gast"), "ann-secret", GOOD, world.at))


class ClaimTests:
    def test_code_makes_an_admin(self, world: World) -> None:
        """Whatever the case, the blanks and the dashes that it is typed with."""
        world.log.code = claim_hash("ABCD-1234")
        ann = world.member("ann")
        world.do(world.chat.accounts.claim(ann, claim_hash("abcd 1234"), world.at))
        assert (ann.person.admin, world.chat.people.accounts[ann.by].admin) == (True, True)
        assert world.again("ann").person.admin

    def test_wrong_code(self, world: World) -> None:
        """It makes nobody anything, and can be tried five times."""
        world.log.code = claim_hash("ABCD-1234")
        gast = world.enter("gast", address="203.0.113.7")
        for _ in range(5):
            with pytest.raises(BadLogin):
                world.do(world.chat.accounts.claim(gast, claim_hash("x"), world.at))
        with pytest.raises(SlowDown, match=r"Too many wrong codes. Try again in 13 s."):
            world.do(world.chat.accounts.claim(gast, claim_hash("abcd1234"), world.at))
        assert not gast.person.admin

    def test_guest_keeps_it_by_registering(self, world: World) -> None:
        """A guest is admin until they leave, unless they register."""
        gast, ann = world.enter("gast"), world.enter("ann")
        for each in (gast, ann):
            world.do(world.chat.accounts.claim(each, claim_hash("x"), world.at))
        world.do(world.chat.accounts.register(ann, GOOD, world.at))
        world.leave(ann)
        world.leave(gast)
        assert world.again("ann").person.admin
        assert not world.enter("gast").person.admin
