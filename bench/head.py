"""Asks tcpchat how many entries a room has."""

import socket

import msgspec

from bench.errors import BenchError

WAITS = 10.0
JOIN = 2


class Answer(msgspec.Struct):
    """What matters of an answer."""

    ev: str
    ref: int | str | None = None
    head: int | None = None
    text: str = ""


def head_of(room: str, port: int) -> int:
    """The number of its last entry, over a JSON connection of its own."""
    with socket.create_connection(("127.0.0.1", port), WAITS) as connection:
        connection.sendall(b'{"op":"hello","v":1,"nick":"counter","ref":1}\n')
        connection.sendall(b'{"op":"join","room":"%s","ref":%d}\n' % (room.encode(), JOIN))
        for line in connection.makefile("rb"):
            answer = msgspec.json.decode(line, type=Answer)
            if answer.ref == JOIN and answer.head is not None:
                return answer.head
            if answer.ev == "error":
                raise BenchError(answer.text)
    raise BenchError("it closed instead of telling how much it has kept")
