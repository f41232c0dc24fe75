"""What has settled becomes the state, and is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twistedchat.chat.acts import (
    Banned,
    Claimed,
    Dropped,
    Invited,
    LoggedIn,
    LoggedOut,
    Muted,
    PasswordSet,
    Preferred,
    Registered,
)
from twistedchat.chat.errors import ChatError, NotStored
from twistedchat.chat.events import Away, Departed, Entry, Joined, Left, Proposal, Renamed, Said
from twistedchat.chat.prefs import Prefs

if TYPE_CHECKING:
    from tests.chat.world import World


class SettlingTests:
    def test_folding_is_total(self, world: World) -> None:
        """Events about people or rooms that are gone change nothing, and never fail."""
        ann = world.enter("ann")
        before = (dict(world.chat.people.sessions), world.lobby.people())
        masks = (ann.by,)
        for event, stream in [
            (Joined("ghost", "gone"), world.lobby.id),
            (Joined("ann", ann.id), "no room"),
            (Renamed("ghost", "gone", "ghost2"), ""),
            (Departed("ghost", "gone", "g9"), ""),
            (Away("ghost", "gone", "bye"), ""),
            (Left("ghost", "gone"), world.lobby.id),
            (Said("ghost", "boo"), "no room"),
            (Invited("ghost", "ann", ann.by), "no room"),
            (Banned("ghost", "ann", masks), "no room"),
            (Muted("ghost", "ann", masks), "no room"),
            (Dropped("ghost"), "no room"),
            (Registered("ghost", "@g9", "hash"), ""),
            (LoggedIn("ghost", "gone", "g9", "@g9", "ghost"), ""),
            (LoggedIn("ann", ann.id, ann.by, "@none", "none"), ""),
            (LoggedOut("ghost", "gone", "g9", "ghost2"), ""),
            (PasswordSet("ghost", "@g9", "gone", "hash"), ""),
            (Claimed("ghost", "g9", "hash"), ""),
            (Preferred("ghost", "g9", Prefs(echo=True)), ""),
        ]:
            proposal = Proposal(event, stream, "g9", world.at)
            place = (1, 1) if event.kept and stream else (0, 0)
            world.chat.settle([(proposal, Entry(event, stream, *place, world.at, "g9"))])
        assert (dict(world.chat.people.sessions), world.lobby.people()) == before
        assert (list(world.chat.access.bans.holding(0)), list(world.chat.access.mutes.holding(0))) == ([], [])
        assert (ann.person.account, ann.nick) == (None, "ann")
        assert world.heard() == []

    def test_what_is_not_of_the_server(self, world: World) -> None:
        """What is none of the server's affairs changes nothing there."""
        entry = Entry(Said("ann", "hello"), "", 0, 0, world.at, "g1")
        assert world.chat._fold.serverwide.fold(entry) == ((), [])

    def test_refusals_are_news_for_those_who_asked(self, world: World) -> None:
        """What was refused is told to the doors, for its sender, and changes nothing."""
        ann = world.enter("ann")
        world.log.refusal = NotStored("not stored")
        world.chat.say(ann, world.lobby, "lost", world.at)
        world.settle()
        [(proposal, outcome)] = world.ear.news[-1].settled
        assert proposal.asker is ann
        assert isinstance(outcome, ChatError)
        assert world.lobby.head == 0

    def test_room_hears_a_batch_in_its_order(self, world: World) -> None:
        """What was committed together is told together, comings and words mixed as they happened."""
        ann = world.enter("ann")
        bob = world.chat.people.visitor()
        world.do(world.chat.people.arrive(bob, "bob", world.at))
        world.ear.news.clear()
        world.chat.say(ann, world.lobby, "before", world.at)
        world.begin(world.chat.join(bob, world.lobby, world.at))
        world.chat.say(ann, world.lobby, "after", world.at)
        world.log.commit()
        assert len(world.ear.news) == 1
        assert world.heard() == [Said("ann", "before"), Joined("bob", bob.id), Said("ann", "after")]
