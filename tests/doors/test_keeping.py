"""How long what is said is kept, and what is there to be read of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twisted.internet.defer import Deferred

if TYPE_CHECKING:
    from tests.helpers import Clockwork


def retain(clockwork: Clockwork) -> None:
    """Have forgotten what is to be forgotten by now."""
    done = Deferred.fromCoroutine(clockwork.chat.retain(clockwork.now()))
    while not done.called:
        clockwork.wait(0.1)


class KeepingTests:
    def test_a_room_that_forgets(self, clockwork: Clockwork) -> None:
        """What is older than its time is gone for everybody; what is not stays."""
        ann = clockwork.member("ann")
        ann.types("/join #ops", "/room set keep 1h", "old news")
        clockwork.wait(3000, step=100)
        ann.types("new news")
        clockwork.wait(1000, step=100)
        ann.sees()
        retain(clockwork)
        ann.types("/history")
        assert [line.split("] ")[-1] for line in ann.sees()] == ["ann: new news", "-- 1 message --"]
        ann.types("/search news")
        assert [line.split("] ")[-1] for line in ann.sees()] == ["#ops ann: new news"]

    def test_a_program_that_comes_back_is_told_of_the_gap(self, clockwork: Clockwork) -> None:
        """And then what is left."""
        ann = clockwork.member("ann")
        ann.types("/join #ops", "/room set keep 1h", "one", "two")
        clockwork.wait(4000, step=100)
        ann.types("three")
        retain(clockwork)
        bot = clockwork.program("bot")
        bot.hears()
        bot.asks(op="join", room="#ops", after=1)
        _, gap, said, live = bot.hears()
        assert (gap["ev"], gap["code"], gap["after"], gap["upto"]) == ("gap", "gap_expired", 1, 3)
        assert (said["seq"], said["text"], live["seq"]) == (4, "three", 4)

    def test_a_room_that_keeps_nothing(self, clockwork: Clockwork) -> None:
        """Who comes in hears what is said from then on."""
        ann = clockwork.member("ann")
        ann.types("/join #ops", "/room set keep off", "whisper")
        bob = clockwork.enter("bob")
        bob.types("/join #ops", "/history")
        assert not any("whisper" in line for line in bob.sees())
        retain(clockwork)
        ann.types("/room set keep forever", "/search whisper")
        assert ann.sees()[-1] == "-- Nothing like that was said where you may read."

    def test_a_room_that_was_dropped(self, clockwork: Clockwork) -> None:
        """Nothing of it is left in the database."""
        ann = clockwork.member("ann")
        ann.types("/join #ops", "a secret", "/drop #ops", "/drop #ops")
        retain(clockwork)
        clockwork.wait(1)
        clockwork.log.stop()
        assert b"a secret" not in (clockwork.folder / "tcpchat.db").read_bytes()
