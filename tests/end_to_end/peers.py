"""Those who come to the door: plain sockets, programs in JSON lines, and real programs as child processes."""

from __future__ import annotations

import json
import os
import pty
import signal
import socket
import struct
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from tests.end_to_end.streams import DEADLINE, Descriptor, Reader, Socket
from tests.helpers import tool

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Json = dict[str, Any]

TUTORIAL_CLIENT = Path(__file__).with_name("tutorial_client.py")
RESET_AT_CLOSE = struct.pack("ii", 1, 0)
"""SO_LINGER on, for no time at all: the connection is reset and not closed."""


class Closable(Protocol):
    def close(self) -> None: ...


C = TypeVar("C", bound=Closable)


class Meet(Protocol):
    """The fixture that has a peer closed when the test is over: ``ann = meet(Peer(daemon.port))``."""

    def __call__(self, peer: C) -> C: ...


class Peer(Reader):
    """A person on a plain socket."""

    def __init__(self, port: int, buffer: int = 0) -> None:
        self._connection = socket.socket()
        if buffer:
            self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        self._connection.settimeout(DEADLINE)
        self._connection.connect(("127.0.0.1", port))
        super().__init__(Socket(self._connection))

    def sends(self, data: bytes) -> None:
        with suppress(ConnectionError):
            self._connection.sendall(data)

    def types(self, *lines: str) -> None:
        self.sends("".join(f"{line}\n" for line in lines).encode())

    def enters(self, nick: str) -> None:
        """Come in under that name, and wait until that is told."""
        self.types(nick)
        self.shows(f"{welcome(nick)}\r\n")

    def sends_no_more(self) -> None:
        """Half-close: the other side reads an end, and this one still reads."""
        self._connection.shutdown(socket.SHUT_WR)

    def resets(self) -> None:
        """End the connection as a machine that knows nothing of it does."""
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_AT_CLOSE)
        self.close()

    def close(self) -> None:
        self._connection.close()


class Program(Peer):
    """A program that speaks JSON lines, and shows that at once."""

    def __init__(self, port: int) -> None:
        super().__init__(port)
        self._refs = 0
        self._heard = 0
        self.session = ""
        self.asks("ping")

    @property
    def events(self) -> list[Json]:
        """All that was told so far."""
        return [json.loads(line) for line in self.lines if line.startswith("{")]

    def asks(self, op: str, **fields: object) -> int:
        """Ask for something; return the `ref` that its reply will have."""
        self._refs += 1
        self.sends(json.dumps({"op": op, "ref": self._refs, **fields}).encode() + b"\n")
        return self._refs

    def answer(self, op: str, **fields: object) -> Json:
        """Ask for something and wait for the reply."""
        return self.hears(ref=self.asks(op, **fields))

    def hello(self, nick: str, session: str = "") -> Json:
        """Come in under that name, as the guest of an earlier session if there was one."""
        hello = self.answer("hello", v=1, nick=nick, session=session)
        self.session = str(hello.get("session", ""))
        return hello

    def enters(self, nick: str, session: str = "", after: int | None = None, room: str = "#lobby") -> None:
        """Come in and into the room, and wait until everything is told live."""
        assert self.hello(nick, session)["ev"] == "hello"
        cursor = {} if after is None else {"after": after}
        assert self.answer("join", room=room, **cursor)["ev"] == "ok"
        self.hears(ev="live", room=room)

    def hears(self, **fields: object) -> Json:
        """Wait for an event that has these fields, after the one that was waited for before; return it."""
        while True:
            self._until(lambda: self.raw.find(b"\n", self._heard) >= 0, str(fields))
            end = self.raw.index(b"\n", self._heard)
            line, self._heard = self.raw[self._heard : end], end + 1
            if line.startswith(b"{"):
                event: Json = json.loads(line)
                if fields.items() <= event.items():
                    return event

    def talk(self) -> list[tuple[str, str]]:
        """Who said what, in the order in which it was told."""
        return [(event["nick"], event["text"]) for event in self.events if event["ev"] == "said"]


class Child(Reader):
    """A program that is typed to through a pipe, and whose output is read from another."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str] | None = None) -> None:
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**os.environ, **(environment or {})},
        )
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self._typed = self.process.stdin
        self._shown = self.process.stdout
        super().__init__(Descriptor(self._shown.fileno()))

    def types(self, *lines: str) -> None:
        self._typed.write("".join(f"{line}\n" for line in lines).encode())
        self._typed.flush()

    def enters(self, nick: str) -> None:
        self.types(nick)
        self.shows(welcome(nick))
        self.shows("\n")

    def types_no_more(self) -> None:
        self._typed.close()

    def exits(self) -> int:
        """Wait for the end of all output and of the process; return its status."""
        self.ends()
        return self.process.wait(DEADLINE)

    def killed(self) -> None:
        self.process.send_signal(signal.SIGKILL)

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        with suppress(OSError):
            self._typed.close()
        self._shown.close()


class Terminal(Reader):
    """A program at a terminal of its own, whose keys are pressed."""

    def __init__(self, command: Sequence[str]) -> None:
        self._keys, screen = pty.openpty()
        leader = [tool("setsid"), "--ctty", "--wait", *command]
        self._process = subprocess.Popen(leader, stdin=screen, stdout=screen, stderr=screen)
        os.close(screen)
        super().__init__(Descriptor(self._keys))

    def presses(self, keys: str) -> None:
        os.write(self._keys, keys.encode())

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._keys)


class Netcat(Child):
    def __init__(self, port: int, *options: str) -> None:
        super().__init__([tool("nc"), *options, "127.0.0.1", str(port)])


class Telnet(Child):
    def __init__(self, port: int) -> None:
        super().__init__([tool("telnet"), "127.0.0.1", str(port)])


class TutorialClient(Child):
    """The tutorial's own client; its nickname is the first thing that is typed to it."""

    def __init__(self, port: int) -> None:
        super().__init__([sys.executable, "-u", str(TUTORIAL_CLIENT), str(port)])

    def enters_as(self, wanted: str, nick: str) -> None:
        """Ask for one name and come in under another."""
        self.types(wanted)
        self.sees(welcome(nick))


def welcome(nick: str) -> str:
    """The line by which somebody on netcat knows that they are in."""
    return (
        f"Connected to server! You are {nick}, a guest, in #lobby. Messages here are kept.  /help  /join #room  /quit"
    )


def spoken(lines: Sequence[str]) -> list[tuple[str, str]]:
    """Who said what, out of the text lines of somebody who was there while it was said."""
    parted = (line.partition(": ") for line in lines)
    return [(nick, text) for nick, colon, text in parted if colon and nick.isalnum()]
