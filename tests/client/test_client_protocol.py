from __future__ import annotations

import json

import pytest
from twisted.internet.address import IPv4Address
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport

from twistedchat.client.exits import ANSWER_SECONDS
from twistedchat.client.protocol import JsonClientProtocol
from twistedchat.client.stdio import Lines
from twistedchat.client.wire import Anything, Error, Hello, Other, Pong

HELLO = b'{"ev":"hello","nick":"alice","ping":60}\n'


class Talker:
    def __init__(self) -> None:
        self.source: Lines | None = None
        self.events: list[Anything] = []
        self.lost = 0

    def connected(self, connection: JsonClientProtocol) -> None:
        connection.send({"op": "ping", "n": 0})

    def received(self, event: Anything) -> None:
        self.events.append(event)

    def disconnected(self, connection: JsonClientProtocol) -> None:
        del connection
        self.lost += 1


class Wire:
    def __init__(self, source: Lines | None = None, peer: str = "127.0.0.1", host: str = "127.0.0.1") -> None:
        self.clock = Clock()
        self.talker = Talker()
        self.talker.source = source
        self.transport = StringTransport(IPv4Address("TCP", host, 4000), IPv4Address("TCP", peer, 55555))
        self.protocol = JsonClientProtocol(self.talker, self.clock)
        self.protocol.makeConnection(self.transport)

    def sent(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.transport.value().splitlines()]


class JsonClientProtocolTests:
    def test_the_talker_speaks_at_once(self) -> None:
        assert Wire().sent() == [{"op": "ping", "n": 0}]

    def test_a_greeting_for_people_is_skipped(self) -> None:
        wire = Wire()
        wire.protocol.dataReceived(b"tcpchat on bee. Type a nickname.\r\nNICK> \r\n" + HELLO)
        assert [type(event) for event in wire.talker.events] == [Hello]

    @pytest.mark.parametrize("size", [1, 2, 7, 4096])
    def test_lines_may_come_in_pieces(self, size: int) -> None:
        wire = Wire()
        data = HELLO + b'{"ev":"pong","n":1}\n{"ev":"confetti","seq":3,"room":"#x"}\n'
        for at in range(0, len(data), size):
            wire.protocol.dataReceived(data[at : at + size])
        assert wire.talker.events[1:] == [Pong(n=1), Other(ev="confetti", room="#x", seq=3)]

    def test_a_ping_is_answered_here(self) -> None:
        wire = Wire()
        wire.protocol.dataReceived(b'{"ev":"ping","n":9}\n')
        assert wire.sent()[-1] == {"op": "pong", "n": 9}
        assert wire.talker.events == []

    def test_who_does_not_answer_in_time_is_dropped(self) -> None:
        wire = Wire()
        wire.protocol.dataReceived(b"hello, who is there?\r\n")
        wire.clock.advance(ANSWER_SECONDS)
        assert wire.transport.disconnected
        assert wire.protocol.timed_out
        assert wire.protocol.head == b"hello, who is there?\r\n"

    def test_two_and_a_half_pings_of_silence_are_the_end(self) -> None:
        wire = Wire()
        wire.protocol.dataReceived(HELLO)
        wire.clock.advance(149)
        assert not wire.transport.disconnected
        wire.clock.advance(1)
        assert wire.transport.disconnected

    def test_any_byte_is_a_sign_of_life(self) -> None:
        wire = Wire()
        wire.protocol.dataReceived(HELLO)
        for _ in range(10):
            wire.clock.advance(100)
            wire.protocol.dataReceived(b" ")
        assert not wire.transport.disconnected

    @pytest.mark.parametrize("line", [b'{"ev":"said"', b"\xff{}", b"[]", b'{"ev":7}', b'{"ref":"x"}', b"7"])
    def test_what_is_no_event_is_skipped(self, line: bytes) -> None:
        """What cannot be read costs nothing but itself."""
        wire = Wire()
        wire.protocol.dataReceived(HELLO + line + b"\n" + HELLO)
        assert not wire.transport.disconnected
        assert [type(event) for event in wire.talker.events] == [Hello, Hello]

    @pytest.mark.parametrize("line", [b'{"ev":"said"', b'{"level":"info"}'])
    def test_whoever_begins_with_what_is_no_event_is_somebody_else(self, line: bytes) -> None:
        """Not every peer that speaks JSON is a chat."""
        wire = Wire()
        wire.protocol.dataReceived(line + b"\n" + HELLO)
        assert wire.transport.disconnected
        assert wire.talker.events == []

    @pytest.mark.parametrize(
        "line",
        [
            b'{"ev":"ok","ref":3,"people":[{"nick":"ann"}]}',
            b'{"ev":"ack","ref":3,"seq":"x"}',
            b'{"ev":7,"ref":3}',
            b'{"ref":3}',
        ],
    )
    def test_an_answer_that_cannot_be_read_is_an_error_for_whoever_asked(self, line: bytes) -> None:
        """Whoever has asked is told that the answer cannot be read."""
        wire = Wire()
        wire.protocol.dataReceived(HELLO + line + b"\n")
        assert wire.talker.events[1:] == [Error(code="bad_answer", text="The server's answer cannot be read.", ref=3)]

    @pytest.mark.parametrize(
        ("line", "event"),
        [
            (b'{"ev":"said","room":"#x","seq":3,"nick":7}', Other(ev="said", room="#x", seq=3)),
            (b'{"ev":"said","room":7,"seq":"3"}', Other(ev="said")),
            (b'{"ev":"live","seq":[]}', Other(ev="live")),
        ],
    )
    def test_an_event_that_cannot_be_read_still_has_its_place(self, line: bytes, event: Other) -> None:
        """An event that is skipped leaves no hole for which anything would be asked again."""
        wire = Wire()
        wire.protocol.dataReceived(HELLO + line + b"\n")
        assert wire.talker.events[1:] == [event]

    def test_a_line_without_an_end_ends_the_connection(self) -> None:
        wire = Wire()
        wire.protocol.dataReceived(b"{" * (JsonClientProtocol.MAX_LENGTH + 2))
        assert wire.transport.disconnected

    def test_the_end_is_told_once_and_leaves_no_alarm(self) -> None:
        wire = Wire()
        wire.protocol.drop()
        wire.protocol.connectionLost()
        wire.protocol.send({"op": "ping"})
        assert wire.talker.lost == 1
        assert wire.clock.getDelayedCalls() == []
        assert len(wire.sent()) == 1

    def test_a_slow_network_pauses_the_source_until_the_connection_is_gone(self) -> None:
        source = Lines(lambda _number, _line: None, lambda: None)
        pipe = StringTransport()
        source.makeConnection(pipe)
        wire = Wire(source)
        assert wire.transport.producer is source
        wire.transport.producer.pauseProducing()
        assert pipe.producerState == "paused"
        wire.protocol.connectionLost()
        assert pipe.producerState == "producing"

    @pytest.mark.parametrize(
        ("peer", "host", "private"),
        [
            ("127.0.0.1", "127.0.0.1", True),
            ("192.0.2.7", "192.0.2.7", True),
            ("192.0.2.7", "192.0.2.8", False),
            ("::1", "::1", True),
        ],
    )
    def test_the_way_is_private_on_one_computer_only(self, peer: str, host: str, private: bool) -> None:  # noqa: FBT001
        assert Wire(peer=peer, host=host).protocol.same_computer is private
