"""What is asked of the operating system about one connection."""

from __future__ import annotations

import socket
import struct
from contextlib import suppress

SEND_BUFFER = 128 * 1024
"""Bytes that the kernel may hold for one peer; it would take megabytes by itself."""
DEAD_AFTER_MS = 150_000
_BYTES_ACKED = struct.Struct("=Q"), 120
"""tcpi_bytes_acked in Linux's struct tcp_info."""


def socket_of(transport: object) -> socket.socket | None:
    """Return the socket that can be written to beside its transport, or None: under TLS there is none."""
    handle = getattr(transport, "getHandle", lambda: None)()
    return handle if isinstance(handle, socket.socket) else None


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


def acknowledged(handle: socket.socket | None) -> int | None:
    """Return how many bytes the peer's TCP has acknowledged so far, or None where that cannot be known."""
    if handle is None or handle.family not in {socket.AF_INET, socket.AF_INET6}:
        return None
    form, offset = _BYTES_ACKED
    with suppress(OSError, struct.error):
        info = handle.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, offset + form.size)
        acked: int = form.unpack_from(info, offset)[0]
        return acked
    return None
