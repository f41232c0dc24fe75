from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from twisted.internet.address import IPv4Address
from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.error import ConnectionLost, ConnectionRefusedError  # noqa: A004 - Twisted's own
from twisted.internet.interfaces import IConsumer, IProtocolFactory, IStreamClientEndpoint, ITransport
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.internet.task import Clock
from twisted.protocols.tls import TLSMemoryBIOFactory
from twisted.test import iosim
from zope.interface import implementer

from tests.client.certificates import Authority
from tests.client.helpers import Heard, outcome
from twistedchat.client.exits import NOT_PRIVATE, NOT_TCPCHAT, FatalError, Place
from twistedchat.client.gate import Answer
from twistedchat.client.link import Link
from twistedchat.client.secure import SecureEndpoint
from twistedchat.client.session import Session
from twistedchat.client.trust import KnownServers, Trust
from twistedchat.client.ways import KNOWN, VOUCHED, WANTED, Way
from twistedchat.tls import ServerContext, make_certificate

if TYPE_CHECKING:
    from pathlib import Path

    from twisted.python.failure import Failure

HERE, THERE = IPv4Address("TCP", "192.0.2.7", 40000), IPv4Address("TCP", "192.0.2.8", 55555)
LOOPBACK = IPv4Address("TCP", "127.0.0.1", 55555)
PING = b'{"op":"ping","n":0}\n'
NEED_HELLO = b'{"ev":"error","code":"need_hello"}\n'
HELLO = b'{"op":"hello","session":"secret"}\n'


class Server(Protocol):
    """What a plain server of ours does: nothing for a greeting of TLS but to close, and the rest in JSON."""

    transport: ITransport

    def __init__(self) -> None:
        self.heard = b""

    def dataReceived(self, data: bytes) -> None:
        self.heard += data
        if data.startswith(b"\x16"):
            self.transport.loseConnection()
        elif data.startswith(PING):
            self.transport.write(NEED_HELLO)


class Other(Server):
    """Somebody else, who says something to whatever comes, or at once, and closes or not."""

    says, first, closes = b"", b"", True

    def connectionMade(self) -> None:
        self.transport.write(self.first)

    def dataReceived(self, data: bytes) -> None:
        self.heard += data
        if self.says:
            self.transport.write(self.says)
        if self.closes:
            self.transport.loseConnection()


class Client(Protocol):
    """Sends its secret as soon as it has a connection."""

    transport: ITransport

    def __init__(self) -> None:
        self.heard = b""
        self.lost: list[type[BaseException] | None] = []

    def connectionMade(self) -> None:
        self.transport.write(HELLO)

    def dataReceived(self, data: bytes) -> None:
        self.heard += data

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.lost.append(reason.type)


@implementer(IStreamClientEndpoint)
class Net:
    """A server, and the wire to it; each connection is a `Server`, in TLS if there is a ``context``."""

    def __init__(self, context: ServerContext | None = None) -> None:
        self.clock = Clock()
        self.context = context
        self.kind: type[Server] = Server
        self.address = THERE
        self.servers: list[Server] = []
        self.pumps: list[iosim.IOPump] = []
        self.refuses = False

    def connect(self, protocolFactory: IProtocolFactory) -> Deferred[Any]:
        if self.refuses:
            return fail(ConnectionRefusedError())
        client, server = protocolFactory.buildProtocol(self.address), self._server()
        here = LOOPBACK if self.address is LOOPBACK else HERE
        theirs = iosim.FakeTransport(server, isServer=True, hostAddress=self.address, peerAddress=here)
        ours = iosim.FakeTransport(client, isServer=False, hostAddress=here, peerAddress=self.address)
        self.pumps.append(iosim.connect(server, theirs, client, ours, greet=False))
        return succeed(client)

    def _server(self) -> Protocol:
        self.servers.append(self.kind())
        made = Factory.forProtocol(lambda: self.servers[-1])
        if self.context is None:
            return self.servers[-1]
        wrapped: Protocol = TLSMemoryBIOFactory(self.context, False, made, self.clock).buildProtocol(None)  # noqa: FBT003
        return wrapped

    def settles(self) -> None:
        """Let everything flow till nothing flows any more."""
        flows = True
        while flows:
            self.clock.advance(0)
            flows = any([pump.pump() for pump in self.pumps])  # noqa: C419 - all of them


class World:
    """Somebody who connects over and over to one place."""

    def __init__(self, net: Net, folder: Path, wanted: str = "", *, authority: Authority | None = None) -> None:
        self.net = net
        self.clock = net.clock
        self.trust = Trust(Place("chat.example.org", 55555), KnownServers(folder / "known_servers"), wanted)
        roots = (authority or Authority()).roots
        self.endpoint = SecureEndpoint(net, self.trust, self.clock, roots)
        self.refusals: list[FatalError] = []
        self.endpoint.refused = self.refusals.append

    def connects(self) -> Any:  # noqa: ANN401 - a protocol, or why there is none
        connected = self.endpoint.connect(Factory.forProtocol(Client))
        for _ in range(3):
            self.net.settles()
        return outcome(connected)

    def told(self) -> bytes:
        """What all servers were told in the clear, or within TLS."""
        return b"".join(server.heard for server in self.net.servers)


@pytest.fixture
def authority() -> Authority:
    return Authority()


@pytest.fixture
def own(tmp_path: Path) -> ServerContext:
    """A certificate that the server has made for itself."""
    make_certificate(tmp_path / "own", "bee")
    return ServerContext(tmp_path / "own")


class FarTests:
    def test_what_is_vouched_for_is_tls_at_once(self, tmp_path: Path, authority: Authority) -> None:
        """One connection, and all that is sent on it is in TLS."""
        world = World(Net(authority.certifies(tmp_path / "tls", "chat.example.org")), tmp_path, authority=authority)
        client = world.connects()
        assert world.endpoint.way == Way(tls=True, why=VOUCHED)
        assert (len(world.net.servers), world.told()) == (1, HELLO)
        assert IConsumer.providedBy(client.transport)

    def test_the_systems_own_roots_do_not_vouch_for_strangers(self, tmp_path: Path, authority: Authority) -> None:
        """They are those of the computer, where nothing else is said."""
        net = Net(authority.certifies(tmp_path / "tls", "chat.example.org"))
        world = World(net, tmp_path)
        world.endpoint = SecureEndpoint(net, world.trust, world.clock)
        world.connects()
        assert world.endpoint.way.unknown

    @pytest.mark.parametrize("hosts", [["example.org"], ["www.example.org", "192.0.2.8"]])
    def test_a_certificate_for_another_host_is_not_vouched_for(
        self, tmp_path: Path, authority: Authority, hosts: list[str]
    ) -> None:
        world = World(Net(authority.certifies(tmp_path / "tls", *hosts)), tmp_path, authority=authority)
        world.connects()
        assert world.endpoint.way.unknown

    def test_one_that_has_run_out_or_is_of_strangers_is_not_vouched_for(
        self, tmp_path: Path, authority: Authority
    ) -> None:
        for who, days in ((authority, -1), (Authority(), 1)):
            context = who.certifies(tmp_path / "tls", "chat.example.org", days=days)
            world = World(Net(context), tmp_path, authority=authority)
            world.connects()
            assert world.endpoint.way.unknown == context.fingerprint

    def test_addresses_can_be_vouched_for(self, tmp_path: Path, authority: Authority) -> None:
        net = Net(authority.certifies(tmp_path / "tls", "192.0.2.8"))
        for host, vouched in (("192.0.2.8", True), ("192.0.2.9", False), ("3221225992", False)):
            trust = Trust(Place(host, 55555), KnownServers(None))
            world = World(net, tmp_path)
            world.endpoint = SecureEndpoint(net, trust, world.clock, authority.roots)
            world.connects()
            assert world.endpoint.way.private is vouched

    def test_a_certificate_of_its_own_is_shown_as_the_server_shows_it(
        self, tmp_path: Path, own: ServerContext
    ) -> None:
        world = World(Net(own), tmp_path)
        world.connects()
        assert world.endpoint.way.unknown == own.fingerprint
        assert world.endpoint.keep() == ""
        assert world.endpoint.way.private
        world.connects()
        assert world.endpoint.way == Way(tls=True, why=KNOWN)

    def test_a_changed_one_hears_nothing(self, tmp_path: Path, own: ServerContext) -> None:
        """Whoever is in between is told nothing at all, in no way."""
        (tmp_path / "known_servers").write_text(f"chat.example.org:55555 {':'.join(['AB'] * 32)}\n")
        world = World(Net(own), tmp_path)
        why = world.connects()
        assert [why] == world.refusals
        assert (why.status, f"remove line 1 of {tmp_path / 'known_servers'}" in why.words) == (NOT_PRIVATE, True)
        assert world.told() == b""

    def test_another_one_at_a_reconnection_hears_nothing(
        self, tmp_path: Path, own: ServerContext, authority: Authority
    ) -> None:
        world = World(Net(authority.certifies(tmp_path / "tls", "chat.example.org")), tmp_path, authority=authority)
        world.connects()
        world.net.context = own
        assert isinstance(world.connects(), FatalError)
        assert world.net.servers[-1].heard == b""
        world.net.context = authority.certifies(tmp_path / "renewed", "chat.example.org")
        assert isinstance(world.connects(), Client)

    def test_the_one_that_is_asked_for(self, tmp_path: Path, own: ServerContext) -> None:
        world = World(Net(own), tmp_path, own.fingerprint)
        world.connects()
        assert world.endpoint.way == Way(tls=True, why=WANTED)
        assert isinstance(World(world.net, tmp_path, ":".join(["AB"] * 32)).connects(), FatalError)

    def test_a_plain_server_of_ours_is_found_out_with_no_more_than_a_ping(self, tmp_path: Path) -> None:
        world = World(Net(), tmp_path)
        client = world.connects()
        assert world.endpoint.way == Way()
        assert world.net.servers[-1].heard == PING + HELLO
        assert client.heard == b""

    def test_no_tls_any_more_is_refused_and_told_no_secret(self, tmp_path: Path, own: ServerContext) -> None:
        world = World(Net(own), tmp_path)
        world.connects()
        world.endpoint.keep()
        world.net.context = None
        why = world.connects()
        assert "had TLS before, and has none now" in why.words
        assert world.net.servers[-1].heard == PING
        assert world.refusals == [why]

    @pytest.mark.parametrize("says", [b"", b"HTTP/1.1 400 Bad Request\r\n"])
    def test_who_is_in_the_way_of_a_server_that_is_away_is_no_reason_to_give_up(
        self, tmp_path: Path, own: ServerContext, says: bytes
    ) -> None:
        """A proxy whose server is away closes, or says so in its own words: that is tried again."""
        world = World(Net(own), tmp_path)
        world.connects()
        world.endpoint.keep()
        world.net.context, world.net.kind = None, type("Proxy", (Other,), {"says": says})
        assert isinstance(world.connects(), ConnectionLost)
        assert world.refusals == []

    def test_strangers_are_named_by_what_they_say(self, tmp_path: Path) -> None:
        world = World(Net(), tmp_path)
        world.net.kind = type("Ssh", (Other,), {"first": b"SSH-2.0-x\r\n"})
        assert world.connects().heard == b"SSH-2.0-x\r\n"

    def test_who_closes_whatever_is_said_is_no_server_of_ours(self, tmp_path: Path) -> None:
        for address in (LOOPBACK, THERE):
            world = World(Net(), tmp_path)
            world.net.kind, world.net.address = Other, address
            assert world.connects().status == NOT_TCPCHAT
            assert len(world.net.servers) == 2

    def test_a_handshake_that_fails_is_told(self, tmp_path: Path) -> None:
        world = World(Net(), tmp_path)
        world.net.kind = type("Alarmed", (Other,), {"says": b"\x15\x03\x03\x00\x02\x02\x28"})
        assert "TLS failed: " in str(world.connects())

    def test_who_says_nothing_is_not_waited_for(self, tmp_path: Path) -> None:
        for address in (LOOPBACK, THERE):
            world = World(Net(), tmp_path)
            world.net.kind, world.net.address = type("Mute", (Other,), {"closes": False}), address
            connected = world.endpoint.connect(Factory.forProtocol(Client))
            world.net.settles()
            assert outcome(connected) is None
            world.clock.advance(5)
            assert type(outcome(connected)).__name__ == "TimeoutError"
            assert world.clock.getDelayedCalls() == []

    def test_it_can_be_called_off(self, tmp_path: Path, own: ServerContext) -> None:
        world = World(Net(own), tmp_path)
        connected = world.endpoint.connect(Factory.forProtocol(Client))
        connected.cancel()
        world.net.settles()
        assert type(outcome(connected)).__name__ == "CancelledError"
        assert (world.told(), world.clock.getDelayedCalls()) == (b"", [])

    def test_what_the_network_says_is_passed_on(self, tmp_path: Path) -> None:
        world = World(Net(), tmp_path)
        world.net.refuses = True
        assert isinstance(world.connects(), ConnectionRefusedError)

    def test_the_end_of_a_connection_is_told_once(self, tmp_path: Path, own: ServerContext) -> None:
        world = World(Net(own), tmp_path)
        client = world.connects()
        world.net.servers[-1].transport.loseConnection()
        world.net.settles()
        assert len(client.lost) == 1


class NearTests:
    def test_a_plain_port_is_plain_by_one_connection(self, tmp_path: Path) -> None:
        world = World(Net(), tmp_path)
        world.net.address = LOOPBACK
        client = world.connects()
        assert world.endpoint.way == Way(near=True)
        assert (len(world.net.servers), world.told(), client.heard) == (1, PING + HELLO, b"")

    def test_a_port_that_speaks_tls_only_is_reached_by_tls_whatever_its_certificate(
        self, tmp_path: Path, own: ServerContext
    ) -> None:
        world = World(Net(own), tmp_path)
        world.net.address = LOOPBACK
        for _ in range(2):
            world.connects()
            assert str(world.endpoint.way) == "TLS, same computer"
        assert world.told() == 2 * HELLO

    def test_the_server_may_have_another_manner_when_it_comes_back(self, tmp_path: Path, own: ServerContext) -> None:
        world = World(Net(own), tmp_path)
        world.net.address = LOOPBACK
        for context in (own, None, own):
            world.net.context = context
            world.connects()
            assert world.endpoint.way.tls is (context is not None)

    def test_a_port_that_closes_without_a_word_when_it_hears_no_tls(self, tmp_path: Path, own: ServerContext) -> None:
        world = World(Net(), tmp_path)
        world.net.address, world.net.kind = LOOPBACK, Other
        connected = world.endpoint.connect(Factory.forProtocol(Client))
        world.net.context, world.net.kind = own, Server
        world.net.settles()
        assert isinstance(outcome(connected), Client)

    def test_who_asks_for_a_certificate_gets_it_here_too(self, tmp_path: Path, own: ServerContext) -> None:
        world = World(Net(own), tmp_path, own.fingerprint)
        world.net.address = LOOPBACK
        world.connects()
        assert (world.endpoint.way.tls, len(world.net.servers)) == (True, 1)
        world.net.context = None
        assert "has no TLS, so that it cannot show" in world.connects().words


class LinkTests:
    def test_a_refusal_is_told_and_nothing_more_is_tried(self, tmp_path: Path, own: ServerContext) -> None:
        """At a reconnection, too: the session ends with the reason."""
        world = World(Net(own), tmp_path)
        heard = Heard()
        session = Session(heard)
        link = Link(world.trust.place, world.endpoint, session, world.clock, lambda: 0.0)
        link.start()
        world.net.settles()
        assert session.contact.called
        assert not link.private
        assert link.trust() == ""
        session.enter("alice")
        world.net.settles()
        world.net.servers[-1].transport.write(b'{"ev":"hello","nick":"alice","ref":1,"session":"s"}\n')
        world.net.settles()
        (tmp_path / "known_servers").unlink()
        make_certificate(tmp_path / "mallory", "bee")
        world.net.context = ServerContext(tmp_path / "mallory")
        world.net.servers[-1].transport.loseConnection()
        world.net.settles()
        world.clock.advance(1)
        world.net.settles()
        world.clock.advance(0)
        assert heard.why is not None
        assert heard.why.status == NOT_PRIVATE
        assert world.net.servers[-1].heard == b""
        attempts = len(world.net.servers)
        world.clock.advance(1000)
        assert len(world.net.servers) == attempts

    def test_the_first_refusal_is_the_last(self, tmp_path: Path, own: ServerContext) -> None:
        world = World(Net(own), tmp_path, ":".join(["AB"] * 32))
        session = Session(Heard())
        Link(world.trust.place, world.endpoint, session, world.clock).start()
        world.net.settles()
        world.clock.advance(0)
        assert outcome(session.contact).status == NOT_PRIVATE
        world.clock.advance(1000)
        assert len(world.net.servers) == 1


class AnswerTests:
    def test_what_has_no_end_is_not_kept_back(self) -> None:
        """Whoever begins like an answer and never ends it is not our server, and costs no memory."""
        answer, told = Answer(), b""
        for _ in range(1000):
            told += answer.taken_out_of(b"{" * 100)
        assert told == b"{" * 100_000

    @pytest.mark.parametrize("size", [1, 7, 1000])
    @pytest.mark.parametrize(
        ("said", "rest"),
        [
            (NEED_HELLO + b'{"ev":"hello"}\n', b'{"ev":"hello"}\n'),
            (
                b"tcpchat on bee.\r\nNICK> \r\n" + NEED_HELLO + b'{"ev":"hello"}\n',
                b'tcpchat on bee.\r\nNICK> \r\n{"ev":"hello"}\n',
            ),
            (b"SSH-2.0-x\r\n", b"SSH-2.0-x\r\n"),
            (b"NICK", b"NICK"),
        ],
    )
    def test_only_the_first_line_of_json_is_kept_back(self, said: bytes, rest: bytes, size: int) -> None:
        answer = Answer()
        pieces = [said[n : n + size] for n in range(0, len(said), size)]
        assert b"".join(map(answer.taken_out_of, pieces)) == rest
