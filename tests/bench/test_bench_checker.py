from __future__ import annotations

import os
import shutil
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Self

import msgspec
import pytest

from bench.build import build
from bench.errors import BenchError
from bench.generator import FAULTS, End, Generator, Load, arguments
from bench.servers import Server

if TYPE_CHECKING:
    from pathlib import Path

ACKED = 20
CLIENTS = 4  # two of them talk in turn
TALKERS = (b"u00001", b"u00003")
MESSAGES = 50
Mischief = Callable[[list[bytes]], list[bytes]]
"""What one listener is given instead of the lines that were said."""


class Fraud:
    """A chat server that collects all that is said, and then cheats one of its listeners."""

    def __init__(self, mischief: Mischief) -> None:
        self.mischief = mischief
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self.serve)

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.listener.close()
        self.thread.join()

    @staticmethod
    def all_of(talker: socket.socket) -> bytes:
        """Return what one talker says, and wait for nothing after it."""
        said = b""
        while said.count(b"\n") < MESSAGES // len(TALKERS) and (more := talker.recv(1 << 16)):
            said += more
        return said

    def serve(self) -> None:
        clients: dict[bytes, socket.socket] = {}
        for _ in range(CLIENTS):
            client, _ = self.listener.accept()
            nick = client.recv(100).strip()
            client.sendall(b"Connected to server!\r\n")
            clients[nick] = client
        said = {nick: self.all_of(clients[nick]) for nick in TALKERS}
        spoken = [[nick + b": " + line + b"\r\n" for line in said[nick].splitlines()] for nick in TALKERS]
        lines = [line for pair in zip(*spoken, strict=True) for line in pair]
        clients[b"u00000"].sendall(b"".join(lines))
        clients[b"u00002"].sendall(b"".join(self.mischief(lines)))
        for nick in TALKERS:
            clients[nick].sendall(b"".join(line for line in lines if not line.startswith(nick)))
        for client in clients.values():
            with client, suppress(OSError):
                client.recv(1)


class Forger:
    """A server of one program in JSON lines that cheats it of its acknowledgements."""

    def __init__(self, mischief: Mischief) -> None:
        self.mischief = mischief
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listener.getsockname()[1]

    @staticmethod
    def replies(requests: list[Any]) -> tuple[list[bytes], list[bytes]]:
        """Return the acknowledgements and the messages, as they should be."""
        acks, said = [], []
        for seq, request in enumerate(requests, 1):
            place = {"room": "#lobby", "seq": seq}
            acks.append({"ev": "ack", "ref": request["ref"], "cid": request["cid"], **place})
            said.append({"ev": "said", **place, "nick": "u00000", "text": request["text"]})
        encode = msgspec.json.encode
        return [encode(ack) + b"\n" for ack in acks], [encode(each) + b"\n" for each in said]

    def serve(self) -> None:
        client, _ = self.listener.accept()
        with self.listener, client, suppress(OSError):
            lines = client.makefile("rb")
            for answer in (b'{"ev":"hello"}\n', b'{"ev":"live"}\n'):
                lines.readline()
                client.sendall(answer)
            requests = [msgspec.json.decode(lines.readline()) for _ in range(ACKED)]
            acks, said = self.replies(requests)
            client.sendall(b"".join(self.mischief(acks) + said))
            lines.read()


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("cc") is None:
        pytest.skip("the load generator needs a C compiler")
    return build("load", tmp_path_factory.mktemp("load"))


def end_of(program: Path, mischief: Mischief) -> End:
    server = Server("fraud", "text", lambda _, port: [str(port)])
    load = Load(CLIENTS, (f"open:{10 * MESSAGES}:0.1",), senders=len(TALKERS))
    with Fraud(mischief) as fraud:
        words = [*arguments(load, server, fraud.port, [os.getpid()]), "patience=3"]
        return Generator(program, None).run(words, on_hold=lambda: None).end


def faults(end: End) -> dict[str, int]:
    names = (*FAULTS, "disorder")
    return {name: count for name in names if (count := getattr(end, name))}


class CheckerTests:
    def test_an_honest_server_has_no_faults(self, program: Path) -> None:
        """What everybody but its sender has received whole and in order is a delivery each."""
        end = end_of(program, lambda lines: lines)
        assert faults(end) == {}
        assert (end.messages, end.deliveries) == (MESSAGES, MESSAGES * (CLIENTS - 1))

    def test_a_message_that_one_does_not_get_is_lost(self, program: Path) -> None:
        assert faults(end_of(program, lambda lines: lines[:7] + lines[8:])) == {"lost": 1, "missing": 1}

    def test_the_last_one_is_missed_as_well(self, program: Path) -> None:
        assert faults(end_of(program, lambda lines: lines[:-1])) == {"missing": 1}

    def test_a_message_that_comes_twice_is_doubled(self, program: Path) -> None:
        assert faults(end_of(program, lambda lines: [*lines, lines[3]])) == {"doubled": 1}

    def test_one_wrong_letter_is_damage(self, program: Path) -> None:
        found = faults(
            end_of(program, lambda lines: [lines[0].replace(lines[0][-9:], lines[0][-9:].swapcase()), *lines[1:]])
        )
        assert found["damaged"] == 1

    def test_a_message_under_a_wrong_name_is_damage(self, program: Path) -> None:
        found = faults(end_of(program, lambda lines: [lines[0].replace(b"u00001:", b"u00003:"), *lines[1:]]))
        assert found["damaged"] == 1

    def test_two_of_one_sender_in_the_wrong_order_are_found(self, program: Path) -> None:
        found = faults(end_of(program, lambda lines: [lines[2], lines[1], lines[0], *lines[3:]]))
        assert (found["lost"], found["doubled"]) == (1, 1)

    def test_two_of_two_senders_in_another_order_than_elsewhere_are_found(self, program: Path) -> None:
        """There is one order for all, even where each sender's own is kept."""
        assert faults(end_of(program, lambda lines: [lines[1], lines[0], *lines[2:]])) == {"disorder": 1}

    def test_a_refusal_ends_the_run_with_its_words(self, program: Path) -> None:
        with pytest.raises(BenchError, match="Slow mode"):
            end_of(program, lambda lines: [b"! Slow mode: wait.\r\n", *lines])


class AckTests:
    def faults(self, program: Path, mischief: Mischief) -> dict[str, int]:
        """Return what is wrong with a step that ends when all is said, and lasts as long as no ack comes."""
        server = Server("forger", "json", lambda _, port: [str(port)], echo=True)
        forger = Forger(mischief)
        thread = threading.Thread(target=forger.serve)
        thread.start()
        words = arguments(Load(1, (f"closed:{ACKED}:0",), acks=True), server, forger.port, [os.getpid()])
        end = Generator(program, None).run([*words, "patience=1"], on_hold=lambda: None).end
        thread.join()
        assert (end.messages, end.deliveries) == (ACKED, ACKED)
        return faults(end)

    def test_an_honest_server_acks_each_message_once(self, program: Path) -> None:
        assert self.faults(program, lambda acks: acks) == {}

    def test_one_that_does_not_come_leaves_those_after_it_in_doubt(self, program: Path) -> None:
        assert self.faults(program, lambda acks: acks[:-1]) == {"unacked": 1}
        assert self.faults(program, lambda acks: acks[1:]) == {"unacked": ACKED, "misacked": ACKED - 1}

    def test_one_that_comes_twice_is_one_too_many(self, program: Path) -> None:
        assert self.faults(program, lambda acks: [*acks, acks[-1]]) == {"misacked": 1}

    def test_one_of_another_message_is_none(self, program: Path) -> None:
        def mischief(acks: list[bytes]) -> list[bytes]:
            return [*acks[:-1], acks[-1].replace(b'"cid":"19"', b'"cid":"18"')]

        assert self.faults(program, mischief) == {"unacked": 1, "misacked": 1}

    def test_one_that_says_it_was_stored_before_is_none(self, program: Path) -> None:
        def mischief(acks: list[bytes]) -> list[bytes]:
            return [*acks[:-1], acks[-1].replace(b"}", b',"dup":true}')]

        assert self.faults(program, mischief) == {"unacked": 1, "misacked": 1}

    def test_one_with_a_place_that_another_has_is_none(self, program: Path) -> None:
        def mischief(acks: list[bytes]) -> list[bytes]:
            return [*acks[:-1], acks[-1].replace(b'"seq":20', b'"seq":19')]

        assert self.faults(program, mischief) == {"unacked": 1, "misacked": 1}
