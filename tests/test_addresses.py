"""Where the daemon listens, and what is said where it cannot."""

from __future__ import annotations

import errno
import os
import socket
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from twisted.internet import reactor  # noqa: TID251 - ports are bound on a real one
from twisted.internet.defer import Deferred
from twisted.internet.posixbase import PosixReactorBase
from twisted.internet.protocol import ServerFactory

from tests.waiting import in_reactor
from twistedchat.addresses import Listener, PortError, _why, bound_port, is_bare, probe

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from twisted.internet.interfaces import IListeningPort


class Quiet(ServerFactory):
    noisy = False


def listener(*, public: bool = False, no_ipv6: Callable[[str], None] = pytest.fail) -> Listener:
    assert isinstance(reactor, PosixReactorBase)
    return Listener(reactor, Quiet(), public=public, tls=None, no_ipv6=no_ipv6)


async def close(*ports: IListeningPort) -> None:
    for port in ports:
        stopped = port.stopListening()
        if isinstance(stopped, Deferred):
            await stopped


@pytest.fixture
def busy() -> Iterator[str]:
    """Give a port on which somebody else listens."""
    with closing(socket.create_server(("127.0.0.1", 0))) as other:
        yield str(other.getsockname()[1])


def has_ipv6() -> bool:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


class BareTests:
    """Numbers alone."""

    @pytest.mark.parametrize(
        ("port", "bare"), [("55555", True), ("0", True), ("tcp:1", False), ("unix:/run/chat", False)]
    )
    def test_only_a_number_is_one(self, port: str, bare: bool) -> None:  # noqa: FBT001
        """Everything else is an endpoint, or nothing."""
        assert is_bare(port) is bare

    @pytest.mark.parametrize("port", ["", "٣", "chat", "-1"])
    def test_what_is_neither_is_refused(self, port: str) -> None:
        """It says what a port and an endpoint look like."""
        with pytest.raises(PortError, match="neither a port nor an endpoint"):
            is_bare(port)

    def test_there_are_only_so_many(self) -> None:
        """A number beyond the last port is no port."""
        assert is_bare("65535")
        with pytest.raises(PortError, match="there is no port 65536: it may be 1 to 65535"):
            is_bare("65536")


class ProbeTests:
    """Found out before anything is started."""

    def test_a_free_port(self) -> None:
        """It is tried and left free."""
        with closing(socket.create_server(("127.0.0.1", 0))) as other:
            port = str(other.getsockname()[1])
        probe(port)
        probe(port)

    def test_a_port_in_use(self, busy: str) -> None:
        """It is said, with another to try."""
        with pytest.raises(PortError, match=f"port {busy} is already in use on this machine"):
            probe(busy)

    def test_an_endpoint_is_tried_when_it_listens(self, busy: str) -> None:
        """What it means only its own kind knows."""
        probe(f"tcp:{busy}")


class ReasonTests:
    """What is said of a port that cannot be had."""

    @pytest.mark.parametrize(
        ("port", "number", "line"),
        [
            ("8000", errno.EADDRINUSE, "Is tcpchat already running? Try --port 8001"),
            ("65535", errno.EADDRINUSE, "Is tcpchat already running? Try --port 65534"),
            ("23", errno.EACCES, "port 23 needs root. Use 55555, or a systemd socket"),
            ("8000", errno.EACCES, "cannot listen on 8000: Permission denied"),
            ("tcp:23", errno.EACCES, "cannot listen on tcp:23: Permission denied"),
        ],
    )
    def test_it_is_said_what_to_do(self, port: str, number: int, line: str) -> None:
        """Where there is something that helps, it stands there."""
        assert str(_why(port, OSError(number, os.strerror(number)))).endswith(line)


class ListenerTests:
    """Listening."""

    @in_reactor
    async def test_a_bare_port_is_for_this_computer(self) -> None:
        """It is the same number on both of its own addresses, a free one where none is given."""
        reasons: list[str] = []
        ports = listener(no_ipv6=reasons.append).listen("0")
        hosts = [port.getHost().host for port in ports]  # type: ignore[attr-defined]
        numbers = {bound_port(port) for port in ports}
        assert hosts == (["127.0.0.1", "::1"] if has_ipv6() else ["127.0.0.1"])
        assert len(reasons) == 2 - len(ports)
        assert len(numbers) == 1
        await close(*ports)

    @in_reactor
    async def test_public_is_for_everybody(self) -> None:
        """It is the same number on all addresses."""
        ports = listener(public=True, no_ipv6=lambda _: None).listen("0")
        assert {port.getHost().host for port in ports} <= {"0.0.0.0", "::"}  # type: ignore[attr-defined]
        assert len({bound_port(port) for port in ports}) == 1
        await close(*ports)

    @in_reactor
    async def test_an_endpoint(self, tmp_path: Path) -> None:
        """It listens as it says; what is no TCP has no number."""
        (port,) = listener().listen(f"unix:{tmp_path}/chat")
        assert bound_port(port) == 0
        await close(port)

    @in_reactor
    async def test_an_endpoint_in_use(self, tmp_path: Path, busy: str) -> None:
        """It is refused in one line, whatever its kind says of it."""
        (port,) = listener().listen(f"unix:{tmp_path}/chat")
        with pytest.raises(PortError, match=r"cannot listen on unix:.*/chat: Cannot acquire lock"):
            listener().listen(f"unix:{tmp_path}/chat")
        with pytest.raises(
            PortError, match=f"cannot listen on tcp:{busy}:interface=127.0.0.1: Address already in use"
        ):
            listener().listen(f"tcp:{busy}:interface=127.0.0.1")
        await close(port)

    @pytest.mark.parametrize("endpoint", ["chat:1", "tcp:", "tcp:chat", "tcp:1:2:3:4:5", "ssl:0:privateKey=/nowhere"])
    def test_what_is_no_endpoint(self, endpoint: str) -> None:
        """It is refused in one line, with what Twisted says of it."""
        with pytest.raises(PortError, match="no endpoint that can be listened on") as error:
            listener().listen(endpoint)
        assert "\n" not in str(error.value)

    def test_a_bare_port_in_use(self, busy: str) -> None:
        """Who took it between the trial and now is the same as who had it."""
        with pytest.raises(PortError, match="already in use"):
            listener().listen(busy)
