"""/away, /back, /whois and /r."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.chat.commands.conftest import told
from twistedchat.chat.errors import NoSuchNick

if TYPE_CHECKING:
    from tests.chat.commands.conftest import Typing
    from tests.chat.world import World


class AwayTests:
    def test_who_is_away_is_marked(self, world: World, types: Typing) -> None:
        """Nobody is disturbed by it, but whoever asks is told."""
        ann, bob = world.enter("ann"), world.enter("bob")
        world.heard()
        assert told(types(ann, "/away at lunch")) == ("You are away: at lunch. /back ends it.",)
        assert told(types(bob, "/who")) == ("#lobby (2 people): ann (away), bob",)
        assert told(types(bob, "/whois ANN")) == ("ann is a guest, in #lobby; away: at lunch.",)
        assert told(types(ann, "/back")) == ("You are back.",)
        assert told(types(bob, "/whois ann")) == ("ann is a guest, in #lobby.",)
        assert world.heard() == []

    def test_away_without_a_reason(self, world: World, types: Typing) -> None:
        """It has one all the same."""
        assert told(types(world.enter("ann"), "/away")) == ("You are away: away. /back ends it.",)

    def test_who_has_gone_cannot_be_away(self, world: World) -> None:
        """An absence that is settled after a departure is nobody's."""
        ann = world.enter("ann")
        world.chat.people.depart(ann, world.at)
        world.do(world.chat.people.set_away(ann, "x", world.at))
        assert world.chat.people.sessions == {}

    def test_whois_of_somebody_in_no_room(self, world: World, types: Typing) -> None:
        """It says so, and which rooms are theirs."""
        ann, bob = world.enter("ann"), world.enter("bob")
        types(ann, "/join #ops")
        assert told(types(bob, "/whois ann")) == ("ann is a guest, in #lobby, ~#ops.",)
        types(ann, "/part")
        types(ann, "/part")
        assert told(types(bob, "/whois ann")) == ("ann is a guest, in no room.",)


class AnswerTests:
    def test_answer_goes_to_the_last_partner(self, world: World, types: Typing) -> None:
        """Whoever wrote last, or was written to last."""
        ann, bob = world.enter("ann"), world.enter("bob")
        with pytest.raises(NoSuchNick):
            types(ann, "/r hello")
        types(ann, "/msg bob psst")
        world.settle()
        types(bob, "/r yes?")
        types(ann, "/r nothing")
        world.settle()
        assert (ann.person.partner, bob.person.partner) == (bob.by, ann.by)
        world.leave(bob)
        with pytest.raises(NoSuchNick):
            types(ann, "/r still there?")

    def test_writing_to_oneself(self, world: World, types: Typing) -> None:
        """One is one's own partner then."""
        ann = world.enter("ann")
        types(ann, "/msg ann note")
        world.settle()
        assert ann.person.partner == ann.by
