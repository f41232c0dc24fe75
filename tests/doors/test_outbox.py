"""What one connection is owed, on a socket that takes as much as the test says."""

from __future__ import annotations

import socket
from collections import deque
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.internet.task import Clock

from tests.helpers import PeerTransport
from twistedchat.doors.outbox import CLOSE_SECONDS, FEED, Outbox
from twistedchat.doors.terms import Terms

if TYPE_CHECKING:
    from collections.abc import Iterator


class MoodySocket(socket.socket):
    """A socket whose `send` takes only as many bytes as `moods` says, or none at all."""

    def __init__(self) -> None:
        super().__init__(socket.AF_UNIX)
        self.moods: deque[int] = deque()
        self.took = bytearray()
        self.broken = False

    def send(self, data: bytes, _flags: int = 0) -> int:  # type: ignore[override]
        if self.broken:
            raise BrokenPipeError
        mood = self.moods.popleft() if self.moods else len(data)
        if mood == 0:
            raise BlockingIOError
        self.took += data[:mood]
        return min(mood, len(data))


class SocketTransport(PeerTransport):
    """A transport with a socket that can be written to beside it, as TCP has."""

    def __init__(self, handle: MoodySocket) -> None:
        super().__init__()
        self.handle = handle

    def getHandle(self) -> MoodySocket:
        return self.handle

    def write(self, data: bytes) -> None:
        assert self.producer is not None, "written to while the socket was level"
        self.handle.took += data

    def registerProducer(self, producer: object, streaming: bool) -> None:  # noqa: FBT001 - Twisted's signature
        super().registerProducer(producer, streaming)
        if not streaming and self.producer is not None:
            self.producer.resumeProducing()


class Desk:
    """An outbox with everything around it."""

    def __init__(self, limit: int = 1000) -> None:
        self.clock = Clock()
        self.handle = MoodySocket()
        self.transport = SocketTransport(self.handle)
        self.ejections: list[str] = []
        self.outbox = Outbox(self.transport, self.clock, Terms("here", backlog_bytes=limit), self)

    def ejected(self, why: str) -> None:
        self.ejections.append(why)

    def drain(self) -> None:
        """Let the transport take all it is given."""
        while self.transport.producer is not None:
            self.transport.producer.resumeProducing()


@pytest.fixture
def desk() -> Iterator[Desk]:
    desk = Desk()
    yield desk
    desk.outbox.lost()
    desk.clock.advance(0)
    assert not desk.clock.getDelayedCalls()
    desk.handle.close()


class OutboxTests:
    """Level, lagging, and over."""

    def test_level_peer_costs_one_send(self, desk: Desk) -> None:
        """Nothing is queued, and no producer is registered."""
        desk.outbox.put(b"one\n")
        desk.outbox.put(b"two\n")
        assert bytes(desk.handle.took) == b"one\ntwo\n"
        assert desk.transport.producer is None
        assert desk.outbox.owed == 0

    def test_lagging_peer_is_fed_in_pieces(self, desk: Desk) -> None:
        """64 KiB at a time, until it is level again; then it costs one send again."""
        desk.handle.moods.extend([0])
        chunks = [bytes([65 + number]) * FEED for number in range(3)]
        big = Desk(limit=0)
        big.handle.moods.extend([0])
        for chunk in chunks:
            big.outbox.put(chunk)
        assert bytes(big.handle.took) == chunks[0]
        big.drain()
        assert bytes(big.handle.took) == b"".join(chunks)
        big.outbox.put(b"end")
        assert bytes(big.handle.took).endswith(b"end")
        big.outbox.lost()
        big.clock.advance(0)
        big.handle.close()

    def test_limit_is_tested_before_a_chunk_is_added(self, desk: Desk) -> None:
        """No single chunk ejects anybody, however big; the next one does."""
        desk.handle.moods.extend([0])
        desk.outbox.put(b"x")
        desk.outbox.put(b"y" * 5000)
        assert not desk.transport.aborted
        desk.outbox.put(b"z")
        assert desk.transport.aborted
        assert desk.ejections == ["it was owed 5000 bytes and did not read them"]
        desk.outbox.put(b"nothing")
        assert bytes(desk.handle.took) == b"x"

    def test_stalled_peer_is_ejected(self, desk: Desk) -> None:
        """Nothing progress for as long as its patience goes."""
        desk.handle.moods.extend([0])
        desk.outbox.put(b"x")
        desk.clock.pump([5] * 3)
        assert not desk.transport.aborted
        desk.clock.pump([5] * 2)
        assert desk.ejections == ["it read nothing for 20 s"]

    def test_broken_socket_ends_the_connection(self, desk: Desk) -> None:
        """A send that fails never raises."""
        desk.handle.broken = True
        desk.outbox.put(b"x")
        assert desk.transport.aborted

    def test_goodbye_comes_after_what_is_owed(self, desk: Desk) -> None:
        """Nothing is taken after it, and the connection ends when it has been read."""
        desk.handle.moods.extend([1])
        desk.outbox.put(b"one\n")
        desk.outbox.close(b"bye\n")
        desk.outbox.put(b"late\n")
        assert not desk.transport.disconnecting
        desk.drain()
        assert bytes(desk.handle.took) == b"one\nbye\n"
        assert desk.transport.disconnecting

    def test_goodbye_is_not_waited_for_for_ever(self, desk: Desk) -> None:
        """Five seconds, and then the connection is cut."""
        desk.handle.moods.extend([1])
        desk.outbox.put(b"one\n")
        desk.outbox.close(b"bye\n")
        desk.clock.advance(CLOSE_SECONDS + 0.1)
        assert desk.transport.aborted

    def test_whoever_waits_goes_on_when_it_is_level(self, desk: Desk) -> None:
        """At once if it is level already, in a later turn otherwise."""
        went_on: list[str] = []
        desk.outbox.when_level().addCallback(lambda _: went_on.append("at once"))
        desk.handle.moods.extend([1])
        desk.outbox.put(b"one\n")
        desk.outbox.when_level().addCallback(lambda _: went_on.append("later"))
        assert went_on == ["at once"]
        desk.drain()
        desk.clock.advance(0)
        assert went_on == ["at once", "later"]


class WithoutSocketTests:
    """TLS and strings have no socket to write to: there the transport is asked."""

    def test_everything_goes_through_the_transport(self, desk: Desk) -> None:
        """While it pauses us we keep what comes, and feed it when it resumes."""
        transport = PeerTransport()
        outbox = Outbox(transport, Clock(), Terms("here", backlog_bytes=100), desk)
        outbox.put(b"one ")
        outbox.pauseProducing()
        outbox.put(b"two ")
        assert transport.value() == b"one "
        outbox.resumeProducing()
        outbox.put(b"three")
        assert transport.value() == b"one two three"
        outbox.close()
        assert transport.disconnecting
        assert transport.producer is None
        outbox.lost()


ACTIONS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.binary(min_size=1, max_size=40)),
        st.tuples(st.just("mood"), st.integers(0, 40)),
        st.tuples(st.just("resume"), st.just(0)),
    ),
    max_size=60,
)


class ModelTests:
    """Against the simplest model there is: a list of chunks."""

    @given(actions=ACTIONS)
    @settings(max_examples=200, deadline=None)
    def test_every_byte_arrives_once_and_in_order(self, actions: list[tuple[str, bytes | int]]) -> None:
        """Whatever the sends take, and whenever the transport asks for more."""
        desk = Desk(limit=0)
        said = bytearray()
        for action, value in actions:
            if isinstance(value, bytes):
                desk.outbox.put(value)
                said += value
            elif action == "mood":
                desk.handle.moods.append(value)
            elif desk.transport.producer is not None:
                desk.transport.producer.resumeProducing()
            assert said.startswith(desk.handle.took)
            assert len(desk.handle.took) + desk.outbox.owed == len(said)
        desk.handle.moods.clear()
        desk.drain()
        assert desk.handle.took == said
        assert desk.outbox.owed == 0
        desk.outbox.lost()
        desk.clock.advance(0)
        desk.handle.close()
