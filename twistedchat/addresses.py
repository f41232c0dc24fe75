"""Where the daemon listens: bare ports for this computer only, and Twisted's endpoint strings."""

from __future__ import annotations

import errno
import os
import socket
from contextlib import closing, suppress
from typing import TYPE_CHECKING, ClassVar

from twisted.internet.endpoints import serverFromString
from twisted.internet.error import CannotListenError
from twisted.python.failure import Failure

if TYPE_CHECKING:
    from collections.abc import Callable

    from twisted.internet.interfaces import IListeningPort, IOpenSSLContextFactory
    from twisted.internet.posixbase import PosixReactorBase
    from twisted.internet.protocol import ServerFactory

BACKLOG = 4096
"""Connections that may wait to be accepted; Twisted's 50 makes a storm of them wait for retries."""
PORT_MOST = 65535
_PRIVILEGED = 1024


class PortError(Exception):
    """A port or an endpoint that cannot be listened on; its text says why and what to do."""

    status: ClassVar[int] = 1


def is_bare(port: str) -> bool:
    """Tell whether it is only a number; raise `PortError` where it is no port and no endpoint."""
    if not port.isascii() or not port.isdigit():
        if ":" not in port:
            raise PortError(f"{port} is neither a port nor an endpoint, as 55555 or tcp:55555 are")
        return False
    if int(port) > PORT_MOST:
        raise PortError(f"there is no port {port}: it may be 1 to {PORT_MOST}")
    return True


def probe(port: str) -> None:
    """Raise `PortError` where that bare port cannot be listened on; endpoints are tried when they listen."""
    if not is_bare(port):
        return
    with closing(socket.socket()) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind(("127.0.0.1", int(port)))
            trial.listen()
        except OSError as error:
            raise _why(port, error) from error


class Listener:
    """Makes bare ports and endpoints listen, on a reactor.

    Bare ports are for this computer only (127.0.0.1 and ::1), or with `public` for
    everybody (all addresses of both kinds); with `tls` they speak TLS.
    """

    def __init__(
        self,
        reactor: PosixReactorBase,
        factory: ServerFactory,
        *,
        public: bool,
        tls: IOpenSSLContextFactory | None,
        no_ipv6: Callable[[str], None],
    ) -> None:
        self._reactor = reactor
        self._factory = factory
        self._public = public
        self._tls = tls
        self._no_ipv6 = no_ipv6

    def listen(self, port: str) -> list[IListeningPort]:
        """Listen, or raise `PortError`.

        The number 0 takes a free port, the same on both addresses. Where there is no
        IPv6, `no_ipv6` is told why.
        """
        try:
            if not is_bare(port):
                return [self._endpoint(port)]
            if self._public:
                return [self._bind_to_all(int(port))]
            first = self._bind(int(port), "127.0.0.1")
        except CannotListenError as error:
            raise _why(port, error.socketError) from error
        except (ValueError, LookupError, TypeError, OSError) as error:
            raise PortError(f"{port} is no endpoint that can be listened on: {error}") from error
        try:
            return [first, self._bind(bound_port(first), "::1")]
        except CannotListenError as error:
            if int(port) and getattr(error.socketError, "errno", 0) == errno.EADDRINUSE:
                raise _why(port, error.socketError) from error
            self._no_ipv6(str(error.socketError))
            return [first]

    def _bind_to_all(self, number: int) -> IListeningPort:
        """Listen on ``::``, which takes IPv4 as well, or where there is no IPv6 on all of IPv4."""
        try:
            return self._bind(number, "::")
        except CannotListenError as error:
            self._no_ipv6(str(error.socketError))
            return self._bind(number, "0.0.0.0")  # noqa: S104 - it was asked for

    def _bind(self, number: int, host: str) -> IListeningPort:
        listening: IListeningPort
        if self._tls is None:
            listening = self._reactor.listenTCP(number, self._factory, BACKLOG, host)
        else:
            listening = self._reactor.listenSSL(number, self._factory, self._tls, BACKLOG, host)
        return listening

    def _endpoint(self, description: str) -> IListeningPort:
        """Listen on an endpoint, whose Deferred has fired by the time it is returned."""
        listening: list[IListeningPort | Failure] = []
        if description.startswith("tcp:") and "backlog=" not in description:
            description += f":backlog={BACKLOG}"
        serverFromString(self._reactor, description).listen(self._factory).addBoth(listening.append)
        result = listening[0]
        if isinstance(result, Failure):
            result.raiseException()
        return result


def bound_port(listening: IListeningPort) -> int:
    """Return the TCP port that is really listened on, 0 where it is none."""
    return int(getattr(listening.getHost(), "port", 0))


def _why(port: str, error: OSError | str) -> PortError:
    if isinstance(error, str):
        return PortError(f"cannot listen on {port}: {error}")
    with suppress(ValueError):
        number = int(port)
        if error.errno == errno.EADDRINUSE:
            other = number + 1 if number < PORT_MOST else number - 1
            return PortError(
                f"port {port} is already in use on this machine. Is tcpchat already running? Try --port {other}"
            )
        if error.errno == errno.EACCES and number < _PRIVILEGED:
            return PortError(f"port {port} needs root. Use 55555, or a systemd socket")
    return PortError(f"cannot listen on {port}: {error.strerror or os.strerror(error.errno or 0)}")
