"""One connection of somebody whom the daemon may leave at any moment."""

from __future__ import annotations

import json
import select
import socket
from collections import deque
from typing import TYPE_CHECKING

from tests.end_to_end.peers import RESET_AT_CLOSE
from tests.end_to_end.streams import DEADLINE

if TYPE_CHECKING:
    from typing import Self

    from tests.end_to_end.peers import Json


class Gone(Exception):
    """The connection is over, whoever has ended it."""


class Line:
    """A connection, read line by line; what was not ended by a newline was never told."""

    def __init__(self, port: int) -> None:
        try:
            self._socket = socket.create_connection(("127.0.0.1", port), DEADLINE)
        except OSError as error:
            raise Gone from error
        self._lines: deque[bytes] = deque()
        self._rest = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def send(self, data: bytes) -> None:
        try:
            self._socket.sendall(data)
        except OSError as error:
            raise Gone from error

    def ask(self, *requests: Json) -> None:
        self.send(b"".join(json.dumps(request).encode() + b"\n" for request in requests))

    def read(self, patience: float = DEADLINE) -> bytes | None:
        """Return the next line, or None where none comes within so many seconds."""
        while not self._lines:
            if not select.select([self._socket], [], [], patience)[0]:
                return None
            self._take()
        return self._lines.popleft()

    def hear(self, patience: float = DEADLINE) -> Json | None:
        """Return the next event, or None where none comes within so many seconds."""
        line = self.read(patience)
        while line is not None and not line.startswith(b"{"):
            line = self.read(patience)
        return None if line is None else json.loads(line)

    def send_no_more(self) -> None:
        """Have the other side do what it was asked, and end the connection then."""
        try:
            self._socket.shutdown(socket.SHUT_WR)
        except OSError as error:
            raise Gone from error

    def cut(self, *, reset: bool) -> None:
        """End it without another look at what has come."""
        if reset:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_AT_CLOSE)
        self._socket.close()
        raise Gone

    def _take(self) -> None:
        try:
            piece = self._socket.recv(65536)
        except OSError as error:
            raise Gone from error
        if not piece:
            raise Gone
        *lines, self._rest = (self._rest + piece).split(b"\n")
        self._lines += lines
