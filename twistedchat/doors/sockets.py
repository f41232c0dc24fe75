"""What is asked of one connection's socket, and what stands in its place where there is none."""

from __future__ import annotations

import fcntl
import socket
import struct
import termios
from contextlib import suppress
from typing import Protocol

from twisted.internet.tcp import Server

SEND_BUFFER = 128 * 1024
"""Bytes that the kernel may hold for one peer; it would take megabytes by itself."""
DEAD_AFTER_MS = 150_000
_BYTES_ACKED = struct.Struct("=Q"), 120
"""tcpi_bytes_acked in Linux's struct tcp_info."""


class Wire(Protocol):
    """What is asked of a transport, beside being an `IConsumer`."""

    def write(self, data: bytes) -> None:
        """Send, some time."""
        ...

    def loseConnection(self) -> None:
        """End when everything has been sent."""
        ...

    def abortConnection(self) -> None:
        """End now."""
        ...


class Sends(Protocol):
    """What is asked of a socket."""

    def send(self, data: bytes, /) -> int:
        """Send, and return how many bytes were taken."""
        ...


class Through:
    """Stands where a socket would, and sends through the transport, which takes everything."""

    __slots__ = ("_transport",)

    def __init__(self, transport: Wire) -> None:
        self._transport = transport

    def send(self, data: bytes) -> int:
        """Send some time."""
        self._transport.write(data)
        return len(data)


class Nowhere:
    """Stands where a socket was, and takes everything."""

    def send(self, data: bytes) -> int:
        """Drop it."""
        return len(data)


NOWHERE = Nowhere()


def socket_of(transport: object) -> socket.socket | None:
    """Return the socket that can be written to beside its transport, or None: under TLS there is none."""
    handle = getattr(transport, "getHandle", lambda: None)()
    return handle if isinstance(handle, socket.socket) else None


def kernel_socket(transport: object) -> socket.socket | None:
    """Return the socket below a transport, under whatever layers it lies, or None where there is none."""
    below = getattr(transport, "transport", None)
    return socket_of(transport) or (kernel_socket(below) if below is not None else None)


def tune(handle: socket.socket) -> None:
    """Send small lines at once, find dead peers that never send anything, and bound the kernel's buffer."""
    handle.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
    if handle.family not in {socket.AF_INET, socket.AF_INET6}:
        return
    handle.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    handle.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    handle.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 60)
    handle.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 15)
    handle.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 6)
    handle.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, DEAD_AFTER_MS)


def lighten(transport: object) -> None:
    """Have all connections share what Twisted calls each of them in its own log lines; ours say who it is."""
    if isinstance(transport, Server):
        transport.logstr = transport.repstr = "ChatProtocol"
        transport.sessionno = 0


def progress(handle: socket.socket | None) -> int | None:
    """Return a number that changes whenever the peer has taken something, or None where there is none.

    For TCP it is how many bytes the peer's TCP has acknowledged, elsewhere how much
    the kernel still holds for it.
    """
    if handle is None:
        return None
    with suppress(OSError, struct.error):
        if handle.family not in {socket.AF_INET, socket.AF_INET6}:
            held: int = struct.unpack("i", fcntl.ioctl(handle, termios.TIOCOUTQ, b"\0" * 4))[0]
            return held
        form, offset = _BYTES_ACKED
        info = handle.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, offset + form.size)
        acked: int = form.unpack_from(info, offset)[0]
        return acked
    return None
