"""What hits somebody hits whoever they become; what is typed after a refused password is no message."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.helpers import PASSWORD
from twistedchat.store.files import DATABASE

if TYPE_CHECKING:
    from tests.helpers import Clockwork


class FollowingTests:
    def test_a_mute_follows_into_an_account(self, clockwork: Clockwork) -> None:
        """And back out of it, over a restart as well."""
        ann = clockwork.member("ann")
        ann.types("/join #ops")
        troll = clockwork.enter("troll")
        troll.types("/join #ops")
        ann.types("/mute troll")
        troll.types(f"/register {PASSWORD}", "hello")
        assert "! You are muted in #ops." in troll.sees()
        troll.types("/logout", "hello")
        assert "! You are muted in #ops." in troll.sees()
        clockwork.log.stop()
        clockwork.settle()

    def test_a_ban_follows_out_of_an_account(self, clockwork: Clockwork) -> None:
        """Who is somebody else now is kept out all the same."""
        ann, troll = clockwork.member("ann"), clockwork.member("troll")
        ann.types("/join #ops", "/ban troll")
        troll.types("/logout", "/join #ops")
        assert troll.sees()[-1] == "! You are banned from #ops."

    def test_slow_mode_follows(self, clockwork: Clockwork) -> None:
        """Nobody writes sooner by becoming a member."""
        ann = clockwork.member("ann")
        ann.types("/join #ops", "/slow 60s")
        bob = clockwork.enter("bob")
        bob.types("/join #ops", "one", f"/register {PASSWORD}", "two")
        assert bob.sees()[-1].startswith("! Slow mode: ")

    def test_what_the_muted_say_in_leaving(self, clockwork: Clockwork) -> None:
        """It is told to nobody."""
        ann = clockwork.member("ann")
        ann.types("/join #ops")
        troll = clockwork.enter("troll")
        troll.types("/join #ops")
        ann.types("/mute troll")
        ann.sees()
        troll.types("/part #ops buy this", "/join #ops", "/quit buy this")
        assert not any("buy" in line for line in ann.sees())


class AdminTests:
    def test_they_do_not_let_themselves_in(self, clockwork: Clockwork) -> None:
        """Into a private room come those whom its own people invite."""
        ann, boss = clockwork.member("ann"), clockwork.admin("boss")
        ann.types("/join #ops", "/room set join invite")
        boss.types("/invite #ops boss", "/owner #ops boss", "/join #ops")
        assert [line for line in boss.sees() if line.startswith("!")] == [
            "! #ops is private, and you are not in it.",
            "! #ops is private, and you are not in it.",
            "! #ops is for those who are invited: ask an op of it.",
        ]

    def test_who_is_disconnected_is_missed(self, clockwork: Clockwork) -> None:
        """The room is told by whom, and why."""
        boss, ann = clockwork.admin("boss"), clockwork.enter("ann")
        clockwork.enter("troll")
        ann.sees()
        boss.types("/kill troll flood")
        assert ann.sees() == ["-- boss disconnected troll. (flood)", "troll left!"]


class AgainTests:
    def test_a_password_that_is_refused_is_asked_for_again(self, clockwork: Clockwork) -> None:
        """What is typed next is no message."""
        ann, bob = clockwork.enter("ann"), clockwork.enter("bob")
        ann.types("/register", "short", "thisismypassword2")
        assert "You are ann, a member." in ann.sees()[-1]
        ann.types(f"/login {'bob'}", "wrong-password", "")
        assert ann.sees()[-1].endswith("Cancelled.")
        assert not any("password" in line for line in bob.sees())

    def test_others_do_not_read_our_files(self, clockwork: Clockwork) -> None:
        """Private messages are in them."""
        clockwork.enter("ann").types("hello")
        assert (clockwork.folder / DATABASE).stat().st_mode & 0o077 == 0
