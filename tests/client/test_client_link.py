from __future__ import annotations

from typing import Any

import pytest
from twisted.internet import error
from twisted.internet.address import IPv4Address
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IProtocolFactory, IStreamClientEndpoint
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure
from zope.interface import implementer

from tests.client.helpers import Heard, outcome
from twistedchat.client.exits import NO_ANSWER, NO_SUCH_HOST, NOT_TCPCHAT, NOT_WELCOME, FatalError, Place
from twistedchat.client.link import LONGEST_DELAY, Link
from twistedchat.client.session import Session

HERE = IPv4Address("TCP", "127.0.0.1", 55555)
HELLO = b'{"ev":"hello","nick":"alice","ref":1,"epoch":"e","session":"s"}\n'
IN = b'{"ev":"ok","ref":2,"room":"#lobby","rid":"r","head":0}\n{"ev":"live","room":"#lobby","seq":0}\n'


@implementer(IStreamClientEndpoint)
class FakeEndpoint:
    """Connects when the test says so."""

    def __init__(self) -> None:
        self.attempts: list[tuple[Any, Deferred[Any]]] = []

    def connect(self, factory: IProtocolFactory) -> Deferred[Any]:
        attempt: Deferred[Any] = Deferred()
        self.attempts.append((factory, attempt))
        return attempt


class Wire:
    def __init__(self, jitter: float = 0.0, longest: float = LONGEST_DELAY) -> None:
        self.clock = Clock()
        self.endpoint = FakeEndpoint()
        self.heard = Heard()
        self.session = Session(self.heard)
        self.link = Link(Place("h", 55555), self.endpoint, self.session, self.clock, lambda: jitter, longest)
        self.link.start()

    def accepts(self, *data: bytes) -> None:
        factory, attempt = self.endpoint.attempts[-1]
        self.protocol = factory.buildProtocol(HERE)
        self.protocol.makeConnection(StringTransport(HERE, HERE))
        attempt.callback(self.protocol)
        for chunk in data:
            self.protocol.dataReceived(chunk)

    def refuses(self, why: Exception) -> None:
        self.endpoint.attempts[-1][1].errback(Failure(why))
        self.clock.advance(0)

    def breaks(self) -> None:
        self.protocol.connectionLost(Failure(error.ConnectionDone()))

    def arrives(self) -> None:
        self.accepts(b'{"ev":"pong","n":0}\n')
        self.session.enter("alice")
        self.protocol.dataReceived(HELLO + IN)

    def why(self) -> FatalError:
        why = outcome(self.session.contact)
        assert isinstance(why, FatalError)
        return why


class FirstContactTests:
    @pytest.mark.parametrize(
        ("why", "status"),
        [
            (error.DNSLookupError("no"), NO_SUCH_HOST),
            (error.ConnectionRefusedError(), NO_ANSWER),
            (error.TimeoutError(), NO_ANSWER),
        ],
    )
    def test_the_first_failure_is_the_last(self, why: Exception, status: int) -> None:
        wire = Wire()
        wire.refuses(why)
        assert wire.why().status == status
        wire.clock.advance(1000)
        assert len(wire.endpoint.attempts) == 1
        assert wire.heard.told == []

    @pytest.mark.parametrize(
        ("first", "guess"),
        [
            (b"SSH-2.0-OpenSSH_9.6\r\n", "ssh"),
            (b"HTTP/1.1 400 Bad Request\r\n", "a web server"),
            (b"<!DOCTYPE HTML>\n", "a web server"),
            (b":irc.example NOTICE * :*** Looking up\r\n", "an IRC server"),
            (b"NOTICE AUTH :*** Looking up\r\n", "an IRC server"),
            (b":irc.example 451 * :You have not registered\r\n", "an IRC server"),
            (b"ERROR :Closing link\r\n", "an IRC server"),
            (b"NICK", "the tutorial's server: try --tutorial"),
        ],
    )
    def test_another_protocol_is_recognised(self, first: bytes, guess: str) -> None:
        wire = Wire()
        wire.accepts(first)
        wire.breaks()
        assert (wire.why().status, wire.why().words) == (
            NOT_TCPCHAT,
            f"h:55555 is not tcpchat (it looks like {guess}).",
        )

    def test_one_that_waits_for_ever_is_recognised_by_what_it_said(self) -> None:
        wire = Wire()
        wire.accepts(b"SSH-2.0-x\r\n")
        wire.clock.advance(5)
        wire.breaks()
        assert wire.why().status == NOT_TCPCHAT

    def test_silence_is_no_answer(self) -> None:
        wire = Wire()
        wire.accepts()
        wire.clock.advance(5)
        wire.breaks()
        assert wire.why().words == "No answer from h:55555 in 5 s: a firewall, or the wrong address."

    def test_a_close_without_a_word_is_not_tcpchat(self) -> None:
        wire = Wire()
        wire.accepts()
        wire.breaks()
        assert wire.why().words == "h:55555 is not tcpchat."

    def test_a_refusal_for_people_is_a_refusal(self) -> None:
        wire = Wire()
        wire.accepts(b"! Too many connections from your address.\r\n")
        wire.breaks()
        assert (wire.why().status, wire.why().words) == (NOT_WELCOME, "Too many connections from your address.")


class ReconnectingTests:
    def test_a_broken_connection_is_replaced_after_a_second(self) -> None:
        wire = Wire()
        wire.arrives()
        wire.breaks()
        assert wire.heard.told[-2:] == [("lost",), ("retrying", 1.0)]
        wire.clock.advance(1)
        assert len(wire.endpoint.attempts) == 2

    def test_pauses_grow_and_have_an_end(self) -> None:
        wire = Wire()
        wire.arrives()
        wire.breaks()
        for _ in range(10):
            wire.clock.advance(30)
            wire.refuses(error.ConnectionRefusedError())
        delays = [told[1] for told in wire.heard.told if told[0] == "retrying"]
        assert delays == sorted(delays)  # type: ignore[type-var]
        assert delays[-1] == 30.0

    def test_a_server_may_be_away_for_days(self) -> None:
        wire = Wire()
        wire.arrives()
        wire.breaks()
        for _ in range(3000):
            wire.clock.advance(30)
            wire.refuses(error.ConnectionRefusedError())
        assert len(wire.endpoint.attempts) == 3001
        assert wire.heard.told[-1] == ("retrying", 30.0)

    def test_whoever_cannot_wait_for_long_tries_more_often(self) -> None:
        wire = Wire(longest=3.0)
        wire.arrives()
        wire.breaks()
        for _ in range(5):
            wire.clock.advance(3)
            wire.refuses(error.ConnectionRefusedError())
        assert wire.heard.told[-1] == ("retrying", 3.0)

    def test_clients_that_lost_the_same_server_do_not_come_back_together(self) -> None:
        delays = set()
        for jitter in (0.0, 0.5, 1.0):
            wire = Wire(jitter)
            wire.arrives()
            wire.breaks()
            delays.add(wire.heard.told[-1][1])
        assert len(delays) == 3

    def test_the_server_says_when_to_come_again(self) -> None:
        wire = Wire()
        wire.arrives()
        wire.protocol.dataReceived(b'{"ev":"bye","code":"restarting","retry":7}\n')
        wire.breaks()
        assert wire.heard.told[-1] == ("retrying", 7.0)

    def test_a_welcome_makes_the_next_pause_short_again(self) -> None:
        wire = Wire()
        wire.arrives()
        for _ in range(3):
            wire.breaks()
            wire.clock.advance(1)
            wire.accepts(HELLO + IN)
        assert {told[1] for told in wire.heard.told if told[0] == "retrying"} == {1.0}

    def test_no_connection_is_made_while_a_name_is_being_thought_of(self) -> None:
        wire = Wire()
        wire.accepts(b'{"ev":"pong","n":0}\n')
        wire.breaks()
        wire.clock.advance(1000)
        assert len(wire.endpoint.attempts) == 1
        wire.session.enter("alice")
        wire.accepts(HELLO + IN)
        assert ("entered", "#lobby") in wire.heard.told

    def test_who_is_banned_does_not_come_back(self) -> None:
        wire = Wire()
        wire.arrives()
        wire.protocol.dataReceived(b'{"ev":"bye","code":"banned","text":"no"}\n')
        wire.breaks()
        wire.clock.advance(1000)
        assert len(wire.endpoint.attempts) == 1

    def test_leaving_waits_for_the_server_but_not_for_ever(self) -> None:
        wire = Wire()
        wire.arrives()
        leaving = Deferred.fromCoroutine(wire.link.leave())
        assert b'{"op":"bye"}' in wire.protocol.transport.value()
        assert not leaving.called
        wire.clock.advance(2)
        assert wire.protocol.transport.disconnected
        wire.breaks()
        assert leaving.called

    def test_whoever_is_cancelled_meanwhile_says_goodbye_all_the_same(self) -> None:
        wire = Wire()
        wire.arrives()
        left: list[None] = []
        leaving = [Deferred.fromCoroutine(wire.link.leave()).addCallback(left.append) for _ in range(2)]
        leaving[0].cancel()
        assert left == []
        wire.protocol.dataReceived(b'{"ev":"bye","code":"quit"}\n')
        wire.breaks()
        assert left == [None, None]
        assert wire.clock.getDelayedCalls() == []

    def test_what_cannot_be_printed_is_not_read(self) -> None:
        wire = Wire()
        wire.arrives()
        wire.link.pauseProducing()
        assert wire.protocol.transport.producerState == "paused"
        wire.breaks()
        wire.clock.advance(1)
        wire.accepts()
        assert wire.protocol.transport.producerState == "paused"
        wire.link.resumeProducing()
        assert wire.protocol.transport.producerState == "producing"
