"""Who comes in, and under which name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from twistedchat.chat.errors import BadNick, NickTaken, NoSuchNick, NotStored
from twistedchat.chat.events import Joined

if TYPE_CHECKING:
    from tests.chat.world import World


class ComingTests:
    def test_arrival_is_settled_by_the_log(self, world: World) -> None:
        """Nobody is here before the log has placed their arrival."""
        ann = world.chat.people.visitor()
        coming = world.begin(world.chat.people.arrive(ann, "ann", world.at))
        assert not coming.done
        with pytest.raises(NoSuchNick):
            world.chat.people.named("ann")
        world.settle()
        assert coming.done
        assert world.chat.people.named("ANN") is ann.person

    @pytest.mark.parametrize("wanted", ["", "a", "two words", "admin"])
    def test_bad_nickname_is_refused(self, world: World, wanted: str) -> None:
        """What cannot be a nickname is refused before anything is proposed."""
        with pytest.raises(BadNick):
            world.enter(wanted)
        assert world.log.waiting == []

    def test_name_is_taken_as_soon_as_it_is_asked_for(self, world: World) -> None:
        """Of two who ask at once the first has it, and the second learns that at once, with another to take."""
        first = world.begin(world.chat.people.arrive(world.chat.people.visitor(), "ann", world.at))
        second = world.begin(world.chat.people.arrive(world.chat.people.visitor(), "Ann", world.at))
        assert isinstance(second.refusal, NickTaken)
        assert second.refusal.suggest == "Ann2"
        assert not first.done

    def test_name_that_the_log_refuses_is_free_again(self, world: World) -> None:
        """Who is refused by the log is not here, and has taken nothing."""
        world.log.refusal = NotStored("not stored: the disk is full")
        with pytest.raises(NotStored):
            world.enter("ann")
        assert world.chat.people.sessions == {}
        assert world.enter("ann").nick == "ann"

    def test_name_claimed_elsewhere_is_refused_by_the_log(self, world: World) -> None:
        """What this chat does not know of, the log does."""
        world.log.claims["nick:ann"] = "somebody elsewhere"
        with pytest.raises(NickTaken, match="another node"):
            world.enter("ann")
        with pytest.raises(NoSuchNick):
            world.chat.people.named("ann")

    def test_who_hangs_up_while_coming_in_leaves_no_name_behind(self, world: World) -> None:
        """A visit that ends before its arrival has settled gives back all that it claimed."""
        hasty = world.chat.people.visitor()
        world.begin(world.chat.people.arrive(hasty, "ann", world.at))
        world.chat.people.depart(hasty, world.at)
        world.settle()
        assert world.log.claims.keys() == {"room:#lobby"}
        assert world.chat.people.sessions == {}
        assert world.enter("ann").nick == "ann"

    def test_who_hangs_up_while_being_refused_leaves_nothing_behind(self, world: World) -> None:
        """A refusal that nobody waits for any more frees the name as well."""
        hasty = world.chat.people.visitor()
        coming = world.begin(world.chat.people.arrive(hasty, "ann", world.at))
        world.chat.people.depart(hasty, world.at)
        world.log.refusal = NotStored("not stored")
        world.settle()
        assert isinstance(coming.refusal, NotStored)
        assert world.chat.people.sessions == {}
        assert world.enter("ann").nick == "ann"

    def test_two_visits_of_one_guest_come_in_at_once(self, world: World) -> None:
        """The later one stays, whichever of them the log settles first."""
        first, second = (world.chat.people.visitor("g1", secret_hash="s1") for _ in range(2))
        for visit in (first, second):
            world.begin(world.chat.people.arrive(visit, "bot", world.at))
        world.settle()
        assert (first.gone, second.gone) == (True, False)
        assert list(world.chat.people.named("bot").sessions) == [second]

    def test_joining_is_told_in_the_room(self, world: World) -> None:
        """Everybody in the room hears of a newcomer, who is then where their words go."""
        ann = world.enter("ann")
        bob = world.chat.people.visitor()
        world.do(world.chat.people.arrive(bob, "bob", world.at))
        assert world.heard() == []
        world.do(world.chat.join(bob, world.lobby, world.at))
        assert world.heard() == [Joined("bob", bob.id)]
        assert world.lobby.people() == ["ann", "bob"]
        assert ann.active is bob.active is world.lobby

    def test_joining_twice_is_news_once(self, world: World) -> None:
        """To be in a room already is no error, and nobody is told."""
        ann = world.enter("ann")
        world.do(world.chat.join(ann, world.lobby, world.at))
        assert world.heard() == []

    def test_invented_name_is_free(self, world: World) -> None:
        """A peer that cannot be asked again gets a name near the one it wanted."""
        world.enter("ann")
        assert world.chat.people.invent_nick("ann") == "ann2"
