"""/history, /missed and /search."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.chat.commands.conftest import told
from twistedchat.chat.durations import SECOND
from twistedchat.chat.errors import BadUsage, NoRoom, NoSuchNick, NotAllowed, NotInRoom
from twistedchat.chat.events import Said
from twistedchat.chat.replies import Found, Shown

if TYPE_CHECKING:
    from tests.chat.commands.conftest import Typing
    from tests.chat.world import World
    from twistedchat.chat.replies import Reply
    from twistedchat.chat.session import Session

HOUR = 3600 * SECOND


def said(reply: Reply | None) -> list[str]:
    """Return what a reply that shows messages shows."""
    assert isinstance(reply, Shown | Found)
    entries = [each if not isinstance(each, tuple) else each[1] for each in reply.entries]
    return [each.event.text for each in entries if isinstance(each.event, Said)]


@pytest.fixture
def ann(world: World) -> Session:
    return world.member("ann")


def talk(world: World, session: Session, *texts: str, every: int = 0) -> None:
    for text in texts:
        assert session.active is not None
        world.chat.say(session, session.active, text, world.at)
        world.settle()
        world.at += every


class HistoryTests:
    @pytest.mark.parametrize(("line", "first"), [("/history", 231), ("/history 3", 248), ("/history 9999", 51)])
    def test_so_many(self, world: World, types: Typing, line: str, first: int) -> None:
        """The last twenty, or as many as were asked for, two hundred at most, oldest first."""
        ann = world.enter("ann")
        for number in range(1, 251):
            world.chat.say(ann, world.lobby, f"line {number}", world.at)
        world.settle()
        assert said(types(ann, line)) == [f"line {n}" for n in range(first, 251)]

    @pytest.mark.parametrize(
        ("much", "texts"),
        [
            ("1h", ["three"]),
            ("2h", ["two", "three"]),
            ("2023-11-15", ["three"]),
            ("2023-11-14", ["one", "two", "three"]),
            ("2030-01-01", []),
            ("0", ["three"]),
        ],
    )
    def test_since_then(self, world: World, types: Typing, ann: Session, much: str, texts: list[str]) -> None:
        """So long ago, or since a day, by the clock of Greenwich."""
        talk(world, ann, "one", "two", "three", every=HOUR)
        assert said(types(ann, f"/history {much}")) == texts

    def test_of_another_room(self, world: World, types: Typing, ann: Session) -> None:
        """It may stand before or behind; a private one must be one's own."""
        bob = world.member("bob")
        world.room(bob, "#ops")
        talk(world, bob, "one", "two")
        for line in ("/history #ops 1", "/history 1 #ops"):
            assert said(types(ann, line)) == ["two"]
        types(bob, "/room set join invite")
        with pytest.raises(NotInRoom, match="#ops is private, and you are not in it"):
            types(ann, "/history #ops")

    def test_nothing(self, world: World, types: Typing, ann: Session) -> None:
        """Where nothing was said there is nothing to show."""
        assert types(ann, "/history") == Shown("#lobby", ())
        assert world.log.entries == []

    @pytest.mark.parametrize(
        ("line", "error"),
        [
            ("/history lots", BadUsage),
            ("/history 2023-13-01", BadUsage),
            ("/history -1", BadUsage),
            ("/history 1 2", BadUsage),
            ("/history #none", NoRoom),
        ],
    )
    def test_usage(self, types: Typing, ann: Session, line: str, error: type[Exception]) -> None:
        """What is no number, no time and no day is said to be none."""
        with pytest.raises(error):
            types(ann, line)


class MissedTests:
    def test_what_was_said_meanwhile(self, world: World, types: Typing, ann: Session) -> None:
        """From all their rooms, in the order in which it was said; guests are told how to have it."""
        bob = world.enter("bob")
        talk(world, bob, "before")
        world.leave(ann)
        talk(world, bob, "one")
        world.room(bob, "#ops")
        talk(world, bob, "two")
        types(bob, "/join #lobby")
        talk(world, bob, "three")
        again = world.again("ann")
        world.do(world.chat.join(again, world.chat.rooms.named("#ops"), world.at))
        reply = types(again, "/missed")
        assert said(reply) == ["one", "two", "three"]
        assert isinstance(reply, Found)
        assert [name for name, _ in reply.entries] == ["#lobby", "#ops", "#lobby"]
        with pytest.raises(NotAllowed, match="a member may: /register makes you one"):
            types(bob, "/missed")

    def test_nothing(self, world: World, types: Typing, ann: Session) -> None:
        """Who has missed nothing is told so; also an admin who has no account."""
        assert told(types(ann, "/missed")) == ("You have missed nothing in #lobby.",)
        gast = world.enter("gast")
        types(gast, "/claim x")
        assert told(types(gast, "/missed")) == ("You have missed nothing in #lobby.",)


class SearchTests:
    @pytest.mark.parametrize(
        ("query", "texts"),
        [
            ("beer", ["good beer", "cold beer", "beer again"]),
            ("cold beer", ["cold beer"]),
            ("beer from:BOB", ["good beer", "cold beer"]),
            ("from:ann", ["beer again"]),
            ("beer in:#pub", ["cold beer"]),
            ("beer in:pub", ["cold beer"]),
            ("beer after:90m", ["cold beer", "beer again"]),
            ("beer BEFORE:90m", ["good beer"]),
            ("beer after:2023-11-15", ["beer again"]),
            ("beer before:2023-11-15", ["good beer", "cold beer"]),
            ("x:y", []),
            ("from:", []),
        ],
    )
    def test_search(self, world: World, types: Typing, ann: Session, query: str, texts: list[str]) -> None:
        """By words, by who said it, where and when."""
        bob = world.member("bob")
        talk(world, bob, "good beer", every=HOUR)
        world.room(bob, "#pub")
        talk(world, bob, "cold beer", every=HOUR)
        talk(world, ann, "beer again")
        reply = types(ann, f"/search {query}")
        if texts:
            assert said(reply) == texts
        else:
            assert told(reply) == ("Nothing like that was said where you may read.",)

    @pytest.mark.parametrize(
        ("query", "error", "why"),
        [
            ("", BadUsage, "Like this: /search WORDS"),
            ("in:#lobby", BadUsage, "Which words"),
            ("a b c d e f g h i", BadUsage, "more than 8 words"),
            ("ü" * 101, BadUsage, "more than 200 bytes"),
            ("beer in:#none", NoRoom, "no room #none"),
            ("beer in:none", NoSuchNick, "Nobody here is called none"),
            ("beer after:noon", BadUsage, "noon is neither a number"),
            ("beer before:12", BadUsage, "12 is neither a number"),
        ],
    )
    def test_usage(self, types: Typing, ann: Session, query: str, error: type[Exception], why: str) -> None:
        """What cannot be looked for is said to be that."""
        with pytest.raises(error, match=why):
            types(ann, f"/search {query}")

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("beer", ["at pub", "at bob", "to bob", "at #bob"]),
            ("beer in:bob", ["at bob", "to bob"]),
            ("beer in:BOB from:ann", ["to bob"]),
            ("beer in:#bob", ["at #bob"]),
            ("beer in:pub", ["at pub"]),
            ("beer in:#pub in:bob", ["at bob", "to bob"]),
            ("beer in:bob in:pub", ["at pub"]),
            ("beer in:cat", []),
            ("beer in:ann", []),
        ],
    )
    def test_in_private(self, world: World, types: Typing, ann: Session, query: str, found: list[str]) -> None:
        """A name is that of a person, or else of a room; a # says that it is a room."""
        bob, _ = world.member("bob"), world.member("cat")
        world.room(bob, "#pub")
        talk(world, bob, "beer at pub")
        types(bob, "/msg ann beer at bob"), types(ann, "/msg bob beer to bob"), types(bob, "/msg cat no beer")
        world.room(bob, "#bob")
        talk(world, bob, "beer at #bob")
        reply = types(ann, f"/search {query}")
        entries = reply.entries if isinstance(reply, Found) else ()
        assert [getattr(each.event, "text", "") for _, each in entries] == [f"beer {each}" for each in found]

    def test_guests_do_not(self, world: World, types: Typing) -> None:
        """They are told how to."""
        with pytest.raises(NotAllowed, match="A guest may not search; a member may: /register"):
            types(world.enter("gast"), "/search beer")
