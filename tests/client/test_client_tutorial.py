from __future__ import annotations

from twisted.internet.address import IPv4Address
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport

from tests.client.helpers import outcome
from twistedchat.client.exits import NO_ANSWER, NOT_STORED, Place
from twistedchat.client.tutorial import TutorialProtocol, ascii_only

HERE = IPv4Address("TCP", "127.0.0.1", 55555)


class TutorialProtocolTests:
    def setup_method(self) -> None:
        self.clock = Clock()
        self.shown: list[str] = []
        self.transport = StringTransport(HERE, HERE)
        self.protocol = TutorialProtocol(Place("h", 1), self.shown.append, self.clock)
        self.protocol.makeConnection(self.transport)

    def test_the_name_is_given_bare_when_it_is_asked_for(self) -> None:
        self.protocol.dataReceived(b"NICK")
        assert self.protocol.asked.called
        self.protocol.enter("alice")
        assert self.transport.value() == b"alice"
        assert self.protocol.private

    def test_messages_carry_the_name_and_are_written_apart(self) -> None:
        self.protocol.dataReceived(b"NICK")
        self.protocol.enter("alice")
        self.protocol.say("one")
        self.protocol.say("zwei: ü\nlines")
        assert self.transport.value() == b"alice"
        writes = []
        for pause in (0.5, 0.1, 0.1):
            self.transport.clear()
            self.clock.advance(pause)
            writes.append(self.transport.value())
        assert writes == [b"alice: one", b"alice: zwei: ? lines", b""]

    def test_whatever_arrives_is_shown_and_harmless(self) -> None:
        self.protocol.dataReceived(b"NICK")
        self.protocol.enter("alice")
        self.protocol.dataReceived(b"alice joined!Connected to server!")
        self.protocol.dataReceived("bob: \x1b[2Jé\nNICK\n\n".encode())
        assert self.shown == ["alice joined!Connected to server!", "bob: ␛[2J??", "NICK"]

    def test_a_server_that_does_not_ask_is_no_answer(self) -> None:
        self.clock.advance(5)
        assert outcome(self.protocol.asked).status == NO_ANSWER
        assert self.transport.disconnected
        self.protocol.connectionLost()
        assert self.protocol.closed.called

    def test_a_server_that_closes_without_asking_is_another(self) -> None:
        self.protocol.connectionLost()
        assert outcome(self.protocol.asked).status == NOT_STORED
        assert self.clock.getDelayedCalls() == []

    def test_the_last_write_is_told(self) -> None:
        told: list[bool] = []
        self.protocol.on_written = lambda: told.append(True)
        self.protocol.say("one")
        self.protocol.say("two")
        assert (self.protocol.unwritten, self.protocol.idle, told) == (1, False, [])
        self.clock.pump([0.1, 0.1])
        assert (self.protocol.unwritten, self.protocol.idle, told) == (0, True, [True])

    def test_only_ascii_is_sent(self) -> None:
        assert ascii_only("naïve\n日本") == b"na?ve ??"
