"""Who goes, and whose name waits for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from twistedchat.chat.errors import NickTaken, NoSuchNick, NotStored, SlowDown
from twistedchat.chat.events import Departed, Renamed
from twistedchat.chat.names import HOLD_SECONDS

if TYPE_CHECKING:
    from tests.chat.world import World

HOLD = HOLD_SECONDS * 1000


class GoingTests:
    def test_departure_is_told_in_each_room(self, world: World) -> None:
        """Those who stay hear who left and why; then the name is free."""
        ann, bob = world.enter("ann"), world.enter("bob")
        world.leave(bob, "bedtime")
        assert world.heard() == [Departed("bob", bob.id, bob.by, why="bedtime")]
        assert world.lobby.people() == ["ann"]
        assert ann.rooms == {world.lobby.id: world.lobby}
        assert world.log.claims.keys() == {"nick:ann", "room:#lobby"}
        world.enter("bob")

    def test_leaving_twice_is_news_once(self, world: World) -> None:
        """However often a visit is ended, it ends once."""
        bob = world.enter("bob")
        world.chat.people.depart(bob, world.at)
        world.chat.people.depart(bob, world.at)
        assert len(world.heard()) == 1

    def test_who_never_came_in_leaves_without_a_word(self, world: World) -> None:
        """A visit that never had a name is nobody's news."""
        world.leave(world.chat.people.visitor())
        assert world.heard() == []
        assert world.log.entries == []

    def test_name_waits_for_whoever_can_return(self, world: World) -> None:
        """A guest with a secret finds their name for five minutes."""
        ann = world.enter("ann", secret="s1")
        world.leave(ann)
        with pytest.raises(NickTaken, match="away for a moment"):
            world.enter("ann")
        assert world.enter("ann", ann.by, secret="s1").by == ann.by

    def test_name_does_not_wait_for_ever(self, world: World) -> None:
        """After five minutes the name is anybody's."""
        world.leave(world.enter("ann", secret="s1"))
        world.at += HOLD - 1
        with pytest.raises(NickTaken):
            world.enter("ann")
        world.at += 1
        world.enter("ann")

    def test_name_does_not_wait_after_a_goodbye(self, world: World) -> None:
        """Who says that they leave gives their name back at once, though they could return."""
        ann = world.enter("ann", secret="s1")
        world.chat.people.depart(ann, world.at, goodbye=True)
        [departed] = world.heard()
        assert departed == Departed("ann", ann.id, ann.by, returns=True, held=False)
        assert world.enter("ann").by != ann.by

    def test_who_says_goodbye_can_wait_until_the_name_is_free(self, world: World) -> None:
        """That is when the departure is stored, or when it cannot be; who has not said goodbye waits for nothing."""
        ann, bob, eve = (world.enter(nick, secret=nick) for nick in ("ann", "bob", "eve"))
        for session in (ann, bob):
            world.chat.people.depart(session, world.at, goodbye=True)
        world.chat.people.depart(eve, world.at)
        leaving = world.begin(world.chat.people.left(ann))
        assert not leaving.done
        world.settle()
        assert leaving.done
        for whoever in (ann, bob, eve, None):
            world.begin(world.chat.people.left(whoever)).result()

    def test_who_cannot_be_stored_to_have_left_does_not_wait_for_ever(self, world: World) -> None:
        """Their name waits for them then."""
        ann = world.enter("ann", secret="s1")
        world.log.refusal = NotStored("not stored: the disk is full")
        world.chat.people.depart(ann, world.at, goodbye=True)
        world.settle()
        world.begin(world.chat.people.left(ann)).result()

    def test_who_comes_back_ends_their_earlier_visit(self, world: World) -> None:
        """One guest is here once: the door of the earlier visit is asked to end it, and the name goes over."""
        ghost = world.enter("ann", secret="s1")
        again = world.chat.people.visitor(ghost.by, secret_hash="s1")
        world.do(world.chat.people.arrive(again, "ann", world.at))
        assert world.ear.dismissed == [ghost]
        assert list(world.chat.people.named("ann").sessions) == [again]
        assert list(world.chat.people.sessions) == [again.id]
        world.leave(again)
        assert world.chat.people.sessions == {}

    def test_who_comes_back_under_another_name_frees_the_first(self, world: World) -> None:
        """The name of the earlier visit is not held for somebody who has another one now."""
        ghost = world.enter("ann", secret="s1")
        again = world.chat.people.visitor(ghost.by, secret_hash="s1")
        world.do(world.chat.people.arrive(again, "bob", world.at))
        assert world.enter("ann").nick == "ann"


class RenamingTests:
    def test_new_name_is_told_in_each_room(self, world: World) -> None:
        """Everybody hears the old name and the new one, and the old one is free."""
        ann = world.enter("ann")
        world.do(world.chat.people.rename(ann, "anna", world.at))
        assert world.heard() == [Renamed("ann", ann.id, "anna")]
        assert world.chat.people.named("anna") is ann.person
        assert world.names() == {"nick:anna": ann.by}
        world.enter("ann")

    def test_same_name_is_no_news(self, world: World) -> None:
        """To be called what one is called already changes nothing."""
        ann = world.enter("ann")
        world.do(world.chat.people.rename(ann, "ann", world.at))
        assert world.heard() == []

    def test_another_case_of_ones_own_name(self, world: World) -> None:
        """One may take a name that looks like one's own, and nobody else may take either."""
        ann = world.enter("ann")
        world.do(world.chat.people.rename(ann, "Ann", world.at))
        assert ann.nick == "Ann"
        assert world.names() == {"nick:ann": ann.by}
        with pytest.raises(NickTaken, match="too much like Ann"):
            world.enter("ann")

    def test_refused_name_leaves_the_old_one(self, world: World) -> None:
        """Who cannot have a name keeps theirs, whether this chat or the log says no."""
        ann, _ = world.enter("ann"), world.enter("bob")
        with pytest.raises(NickTaken, match="bob is here already"):
            world.do(world.chat.people.rename(ann, "bob", world.at))
        world.log.claims["nick:cat"] = "somebody elsewhere"
        with pytest.raises(NickTaken, match="another node"):
            world.do(world.chat.people.rename(ann, "cat", world.at))
        assert ann.nick == "ann"
        assert world.heard() == []
        with pytest.raises(NickTaken):
            world.enter("ann")
        with pytest.raises(NoSuchNick):
            world.chat.people.named("cat")

    def test_leaving_while_renamed_gives_back_the_new_name(self, world: World) -> None:
        """Whoever leaves while their new name is on its way leaves under it, and neither name stays taken."""
        ann = world.enter("ann")
        renaming = world.begin(world.chat.people.rename(ann, "anna", world.at))
        world.chat.people.depart(ann, world.at)
        assert world.heard() == [Renamed("ann", ann.id, "anna"), Departed("anna", ann.id, ann.by)]
        renaming.result()
        assert world.names() == {}
        world.enter("ann")
        world.enter("anna")

    def test_goodbye_while_renamed_is_one(self, world: World) -> None:
        """Why somebody leaves is not forgotten over their new name, and neither name waits for them."""
        ann = world.enter("ann", secret="s1")
        world.begin(world.chat.people.rename(ann, "anna", world.at))
        world.chat.people.depart(ann, world.at, "bedtime", goodbye=True)
        assert world.heard()[-1] == Departed("anna", ann.id, ann.by, returns=True, held=False, why="bedtime")
        assert world.enter("anna").by != ann.by

    def test_one_new_name_at_a_time(self, world: World) -> None:
        """Who is being renamed waits for that, by whichever connection, before they are called otherwise again."""
        ann = world.member("ann")
        phone, chat = world.again("ann"), world.chat
        renaming = world.begin(chat.people.rename(ann, "anna", world.at))
        for work in (
            chat.people.rename(ann, "anne", world.at),
            chat.people.rename(phone, "anne", world.at),
            chat.accounts.logout(ann, world.at),
            chat.accounts.logout(phone, world.at),
        ):
            assert isinstance(world.begin(work).refusal, SlowDown)
        world.settle()
        renaming.result()
        assert (ann.nick, phone.nick, world.names()) == ("anna", "anna", {"nick:anna": ann.by})
        world.do(chat.accounts.logout(phone, world.at))
        assert phone.nick == "anna2"

    def test_other_name_while_logging_in(self, world: World) -> None:
        """Who is becoming somebody else is not renamed meanwhile, nor registered."""
        world.leave(world.member("bob"))
        ann, chat = world.enter("ann"), world.chat
        coming = world.begin(chat.accounts.login(ann, "bob", "bob-secret", world.at))
        for work in (
            chat.people.rename(ann, "anna", world.at),
            chat.accounts.register(ann, "ann-secret", world.at),
            chat.accounts.login(ann, "bob", "bob-secret", world.at),
        ):
            assert isinstance(world.begin(work).refusal, SlowDown)
        world.settle()
        coming.result()
        assert ann.nick == "bob"
        world.enter("ann")
        world.enter("anna")

    def test_coming_back_while_renamed_leaves_no_name_behind(self, world: World) -> None:
        """Whoever comes back under another name while an earlier visit is being renamed has that name only."""
        ghost = world.enter("ann", secret="s1")
        world.begin(world.chat.people.rename(ghost, "bob", world.at))
        again = world.chat.people.visitor(ghost.by, secret_hash="s1")
        world.do(world.chat.people.arrive(again, "cat", world.at))
        assert list(world.chat.people.named("cat").sessions) == [again]
        assert world.names() == {"nick:cat": again.by}
        world.enter("ann")
        world.enter("bob")

    def test_coming_back_to_the_name_one_is_being_given(self, world: World) -> None:
        """Whoever comes back under the very name that their earlier visit takes keeps it when that one ends."""
        ghost = world.enter("ann", secret="s1")
        world.begin(world.chat.people.rename(ghost, "bob", world.at))
        again = world.chat.people.visitor(ghost.by, secret_hash="s1")
        world.do(world.chat.people.arrive(again, "bob", world.at))
        assert world.names() == {"nick:bob": again.by}
        with pytest.raises(NickTaken):
            world.enter("bob")
