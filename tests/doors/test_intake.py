"""What holds a peer's lines back, and what does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from twisted.internet.task import Clock

from twistedchat.doors.calls import Calls
from twistedchat.doors.intake import Intake

if TYPE_CHECKING:
    from tests.helpers import Clockwork


class Desk:
    """Somebody who takes lines; `slow` ones are being done until that is `done`."""

    def __init__(self, rate: tuple[int, float] = (0, 0.0)) -> None:
        self.taken: list[bytes] = []
        self.reading = True
        self.intake = Intake(self, Calls(Clock()), rate)

    def pace(self) -> None:
        pass

    def slow_down(self) -> None:
        pass

    def lineReceived(self, line: bytes) -> None:
        self.taken.append(line)
        if line in {b"slow", b"quick"}:
            self.intake.hold("request")
        if line == b"quick":
            self.done()
        if line == b"bye":
            self.intake.hold("closing")

    def read(self, reading: bool) -> None:  # noqa: FBT001 - what the intake tells
        self.reading = reading

    def done(self) -> None:
        self.intake.release("request")


class StoppingTests:
    """When the daemon ends, what was read is done."""

    def test_what_stands_behind_a_request_is_taken_when_that_is_done(self) -> None:
        """A hello that is being stored does not cost the message that came with it."""
        desk = Desk()
        desk.intake.feed([b"slow", b"a", b"b"])
        desk.intake.drain()
        assert desk.taken == [b"slow"]
        assert desk.intake.waits
        desk.done()
        assert desk.taken == [b"slow", b"a", b"b"]
        assert not desk.intake.waits
        assert not desk.reading

    @pytest.mark.parametrize("end", ["bye", "slow"])
    def test_nothing_is_taken_of_who_has_been_let_go(self, end: str) -> None:
        """What they sent after that was never for us to do."""
        desk = Desk()
        desk.intake.feed([end.encode(), b"a"])
        desk.intake.hold("closing")
        desk.intake.drain()
        desk.done()
        assert desk.taken == [end.encode()]
        assert not desk.intake.waits


class RateTests:
    """How fast a peer may go."""

    @pytest.mark.parametrize(("rate", "taken"), [((2, 1.0), 2), ((0, 1.0), 5), ((2, 0.0), 5)])
    def test_nothing_is_no_limit(self, rate: tuple[int, float], taken: int) -> None:
        """Without a burst or without a rate nobody is held back."""
        desk = Desk(rate)
        desk.intake.feed([b"x"] * 5)
        assert len(desk.taken) == taken


class DepthTests:
    """Requests that are done at once are done one after another, not one within another."""

    def test_as_many_as_can_be_read_at_once(self) -> None:
        """Neither their number nor the order of what is asked for is limited by Python's stack."""
        desk = Desk()
        lines = [b"quick", b"plain"] * 64
        desk.intake.feed(lines)
        assert desk.taken == lines
        assert desk.reading

    def test_they_give_others_their_turn(self) -> None:
        """A turn has 128 lines, whatever they are."""
        desk = Desk()
        desk.intake.feed([b"quick"] * 1000)
        assert len(desk.taken) == 128
        assert not desk.reading

    def test_history_asked_for_in_a_row(self, clockwork: Clockwork) -> None:
        """A script may pipe what it likes: each of its lines is answered."""
        ann = clockwork.enter("ann")
        ann.types("/history", "hello")
        ann.sees()
        ann.types(*["/history 1"] * 500)
        assert ann.sees().count("-- 1 message --") == 500


class TelnetFloodTests:
    """Telnet's own bytes cost time and bring nothing."""

    def test_a_stream_of_them_is_ended(self, clockwork: Clockwork) -> None:
        """Whoever sends 64 KiB of them without a line is no telnet."""
        flood, ann = clockwork.connect(), clockwork.enter("ann")
        for _ in range(3):
            flood.sends(b"\xff\xf1" * 16 * 1024)
        assert flood.transport.aborted
        assert not ann.transport.disconnecting

    def test_a_line_full_of_telnets_bytes(self, clockwork: Clockwork) -> None:
        """A line that ends does not make them cheaper."""
        peer = clockwork.enter("peer")
        peer.sends(b"\xff\xf1" * 1000 + b"hello\n")
        assert not peer.transport.aborted
        peer.sends(b"\xff\xf1" * 1100 + b"hello\n")
        assert peer.transport.aborted

    def test_a_telnet_that_types_stays(self, clockwork: Clockwork) -> None:
        """Lines between them show that somebody is there."""
        ann = clockwork.enter("ann")
        for number in range(40):
            ann.sends(b"\xff\xf1" * 1024 + b"line %d\r\n" % number)
        assert not ann.transport.aborted
