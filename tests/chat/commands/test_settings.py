"""/set, /quiet, /ignore and /unignore."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.chat.commands.conftest import told
from twistedchat.chat.commands.settings import IGNORED_MOST
from twistedchat.chat.errors import BadUsage, NoSuchNick, NotFound, TooMany
from twistedchat.chat.prefs import Prefs

if TYPE_CHECKING:
    from tests.chat.commands.conftest import Typing
    from tests.chat.world import World


class SwitchTests:
    @pytest.mark.parametrize(
        ("line", "prefs", "said"),
        [
            ("/set time on", Prefs(time=True), "time is on."),
            ("/set echo on", Prefs(echo=True), "echo is on."),
            ("/set color on", Prefs(color=True), "color is on."),
            ("/set bell on", Prefs(bell=True), "bell is on."),
            ("/set bell off", Prefs(), "bell is off."),
            ("/set quiet all", Prefs(quiet="all"), "quiet is all."),
            ("/quiet off", Prefs(quiet="off"), "quiet is off."),
        ],
    )
    def test_switch(self, world: World, types: Typing, line: str, prefs: Prefs, said: str) -> None:
        """The door is told what they prefer."""
        ann = world.enter("ann")
        assert told(types(ann, line)) == (said,)
        assert world.ear.preferred == [(ann, prefs)]
        assert ann.person.prefs == prefs

    def test_by_all_connections_and_for_good(self, world: World, types: Typing) -> None:
        """What a member prefers holds wherever they are, and when they come again."""
        ann = world.member("ann")
        phone = world.again("ann")
        world.ear.preferred.clear()
        types(ann, "/set time on")
        types(phone, "/set echo on")
        assert world.ear.preferred[-2:] == [(ann, Prefs(time=True, echo=True)), (phone, Prefs(time=True, echo=True))]
        world.leave(ann)
        world.leave(phone)
        assert world.again("ann").person.prefs == Prefs(time=True, echo=True)

    @pytest.mark.parametrize(
        "line", ["/set", "/set time", "/set time maybe", "/set size on", "/quiet", "/quiet loud"]
    )
    def test_usage(self, world: World, types: Typing, line: str) -> None:
        """What there is to prefer is told."""
        with pytest.raises(BadUsage, match=r"Like this|/set echo on shows what you say yourself|/quiet all hides"):
            types(world.enter("ann"), line)


class IgnoreTests:
    def test_ignore(self, world: World, types: Typing) -> None:
        """Somebody, here or not, until one has enough of that."""
        ann, bob = world.enter("ann"), world.member("bob")
        world.leave(bob)
        assert told(types(ann, "/ignore")) == ("You ignore nobody.",)
        assert told(types(ann, "/ignore BOB")) == ("You ignore bob. /unignore bob ends it.",)
        assert ann.person.prefs.ignoring == {bob.by: "bob"}
        world.enter("abe")
        types(ann, "/ignore abe")
        assert told(types(ann, "/ignore")) == ("You ignore abe, bob.",)
        assert told(types(ann, "/unignore Bob")) == ("You do not ignore Bob any more.",)
        with pytest.raises(NotFound, match="You do not ignore bob"):
            types(ann, "/unignore bob")

    def test_whom_one_cannot(self, world: World, types: Typing) -> None:
        """Oneself, nobody, and more than so many."""
        ann = world.enter("ann")
        with pytest.raises(BadUsage, match="cannot ignore yourself"):
            types(ann, "/ignore ann")
        with pytest.raises(NoSuchNick):
            types(ann, "/ignore bob")
        ann.person.prefs = Prefs(ignoring={f"g{n}": f"guest{n}" for n in range(IGNORED_MOST)})
        world.enter("bob")
        with pytest.raises(TooMany, match="You ignore 100 people already"):
            types(ann, "/ignore bob")
