"""/me, /msg, /edit and /del: saying things in another manner, to one person only, and better."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.chat.commands.conftest import told
from twistedchat.chat.errors import BadUsage, NoSuchNick, NotAllowed, NotFound, NotInRoom
from twistedchat.chat.events import Deleted, Direct, Edited, Emoted

if TYPE_CHECKING:
    from tests.chat.commands.conftest import Typing
    from tests.chat.world import World
    from twistedchat.chat.session import Session


@pytest.fixture
def ann(world: World) -> Session:
    return world.member("ann")


class TalkTests:
    def test_me(self, world: World, types: Typing) -> None:
        """What somebody does is told to the room; the answer is its acknowledgement."""
        assert types(world.enter("ann"), "/me waves  slowly") is None
        [proposal] = world.log.waiting
        assert (proposal.cid, proposal.ref) == ("c1", 7)
        assert world.heard() == [Emoted("ann", "waves  slowly")]

    def test_me_in_no_room(self, world: World, types: Typing) -> None:
        """Who is nowhere does nothing."""
        with pytest.raises(NotInRoom, match="You are in no room"):
            types(world.come("ann"), "/me waves")

    def test_msg(self, world: World, types: Typing) -> None:
        """What is for one person is told to no room."""
        ann, bob = world.enter("ann"), world.enter("bob")
        assert types(ann, "/msg BOB psst, bob") is None
        [proposal] = world.log.waiting
        assert (proposal.cid, proposal.ref) == ("c1", 7)
        world.settle()
        assert [entry.event for entry in world.log.entries] == [Direct("ann", bob.nick, "psst, bob")]
        assert world.heard() == []

    def test_msg_to_who_is_not_here(self, world: World, types: Typing, ann: Session) -> None:
        """A member finds it later; nobody cannot be told anything."""
        world.leave(world.member("bob"))
        assert types(ann, "/tell bob call me") is None
        world.settle()
        assert [entry.event for entry in world.log.entries] == [Direct("ann", "bob", "call me")]
        with pytest.raises(NoSuchNick):
            types(ann, "/m cat hello")


class EditTests:
    @pytest.fixture(autouse=True)
    def said(self, world: World, ann: Session) -> None:
        """Have ann say three things."""
        for text in ("a/b and a/b", "two", "I like bear, bear"):
            world.chat.say(ann, world.lobby, text, world.at)
        world.settle()
        world.ear.news.clear()

    @pytest.mark.parametrize(
        ("line", "of", "text"),
        [
            ("/edit I like beer", 3, "I like beer"),
            ("/edit s/bear/beer/", 3, "I like beer, bear"),
            ("/edit s/bear/beer", 3, "I like beer, bear"),
            ("/edit s/, bear//", 3, "I like bear"),
            ("/edit ^2 three", 2, "three"),
            ("/edit ^2 s/tw/b/", 2, "bo"),
            ("/edit ^0 last", 3, "last"),
            (r"/edit ^1 s/a\/b/c\/d/", 1, "c/d and a/b"),
            (r"/edit ^2 s/two/back\\slash/", 2, "back\\slash"),
            ("/edit s/only one part", 3, "s/only one part"),
            ("/edit ^two", 3, "^two"),
        ],
    )
    def test_edit(self, world: World, types: Typing, ann: Session, line: str, of: int, text: str) -> None:
        """The whole text or a part of it, of the last message or of that of a number."""
        assert told(types(ann, line)) == ()
        assert world.heard() == [Edited("ann", of, text)]

    def test_edit_of_an_edit(self, world: World, types: Typing, ann: Session) -> None:
        """What is changed is what it says now."""
        types(ann, "/edit one bear")
        types(ann, "/edit s/bear/beer/")
        assert world.heard()[-1] == Edited("ann", 3, "one beer")

    @pytest.mark.parametrize(
        ("line", "error", "why"),
        [
            ("/edit", BadUsage, "Like this: /edit TEXT"),
            ("/edit ^2", BadUsage, "/del takes it back"),
            ("/edit s/wine/beer/", NotFound, "does not have wine in it"),
            ("/edit s/two/2/", NotFound, "does not have two in it"),
            ("/edit ^9 x", NotFound, "no such message"),
            (f"/edit ^{'9' * 15} x", NotFound, "no such message"),
        ],
    )
    def test_refused(self, types: Typing, ann: Session, line: str, error: type[Exception], why: str) -> None:
        """What there is not to change is said to be that."""
        with pytest.raises(error, match=why):
            types(ann, line)

    def test_replaced_by_nothing_at_all(self, types: Typing, ann: Session) -> None:
        """A message is not emptied, but taken back."""
        types(ann, "/edit x")
        with pytest.raises(BadUsage, match="/del takes it back"):
            types(ann, "/edit s/x//")

    def test_guests_do_not(self, world: World, types: Typing) -> None:
        """They are told how to."""
        gast = world.enter("gast")
        for line in ("/edit x", "/del"):
            with pytest.raises(
                NotAllowed, match="A guest may not change what was said here; a member may: /register"
            ):
                types(gast, line)


class DeleteTests:
    def test_del(self, world: World, types: Typing, ann: Session) -> None:
        """One's own last one, by no name or one's own, or that of a number."""
        for text in ("one", "two", "three", "four"):
            world.chat.say(ann, world.lobby, text, world.at)
        world.settle()
        assert told(types(ann, "/del")) == ()
        types(ann, "/del ANN")
        types(ann, "/del ^1")
        assert world.heard()[-3:] == [Deleted("ann", 4, "ann"), Deleted("ann", 3, "ann"), Deleted("ann", 1, "ann")]
        with pytest.raises(NotFound):
            types(ann, "/del ^3")

    def test_others(self, world: World, types: Typing, ann: Session) -> None:
        """Who keeps order names whose it is."""
        gast = world.enter("gast")
        world.chat.say(gast, world.lobby, "spam", world.at)
        world.settle()
        for line in ("/del gast", "/del ^1"):
            with pytest.raises(NotAllowed, match="A member may not keep order here; an op may"):
                types(ann, line)
        boss = world.admin("boss")
        assert told(types(boss, "/del gast")) == ()
        assert world.heard()[-1] == Deleted("boss", 1, "gast")
        for line, error in (("/del nobody", NoSuchNick), ("/del gast", NotFound), ("/del a b", BadUsage)):
            with pytest.raises(error):
                types(boss, line)
