"""The daemon on the real reactor: with sockets, threads, and people who connect."""

from __future__ import annotations

import gc
import json
import os
import re
import socket
import sqlite3
import time
from contextlib import closing
from typing import TYPE_CHECKING, Self

import pytest
from twisted.internet import reactor  # noqa: TID251 - the daemon runs in a real one
from twisted.internet.defer import Deferred, DeferredQueue
from twisted.internet.endpoints import TCP4ClientEndpoint, TCP6ClientEndpoint
from twisted.internet.posixbase import PosixReactorBase
from twisted.internet.protocol import Factory, connectionDone
from twisted.protocols.basic import LineReceiver

from tests.helpers import logged
from tests.waiting import in_reactor
from twistedchat.addresses import PortError, bound_port
from twistedchat.options import Options
from twistedchat.service import STORE_FAILED, Daemon, makeService
from twistedchat.store.files import DATABASE, Lock, prepare
from twistedchat.store.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Sequence
    from pathlib import Path

    from twisted.internet.interfaces import IListeningPort
    from twisted.logger import LogEvent
    from twisted.python.failure import Failure

    from twistedchat.chat.events import Outcome, Proposal


class Peer(LineReceiver):
    """Somebody who connects, and reads line by line."""

    delimiter = b"\n"

    def __init__(self) -> None:
        self._lines: DeferredQueue[bytes] = DeferredQueue()
        self.gone: Deferred[None] = Deferred()

    def lineReceived(self, line: bytes) -> None:
        self._lines.put(line)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        super().connectionLost(reason)
        self.gone.callback(None)

    def types(self, *lines: str) -> None:
        assert self.transport is not None
        self.transport.write("".join(f"{line}\n" for line in lines).encode())

    def asks(self, *requests: dict[str, object]) -> None:
        self.types(*map(json.dumps, requests))

    async def sees(self, words: str) -> str:
        """Read on to a line with these words."""
        while words not in (line := (await self._lines.get()).decode()):
            pass
        return line

    async def hears(self, ev: str) -> dict[str, object]:
        """Read on to an event of this kind."""
        while (heard := json.loads(await self._lines.get())).get("ev") != ev:
            pass
        assert isinstance(heard, dict)
        return heard

    def rest(self) -> list[dict[str, object]]:
        """Return what has come and was not read yet."""
        return [json.loads(line) for line in self._lines.pending]


class House:
    """A daemon that runs for as long as its `async with` block."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.options = Options()
        self.options.parseOptions(["--port", "0", "--data", str(folder), "--set", "server.name=bee", *options])
        self.services = makeService(self.options)
        (self.daemon,) = (service for service in self.services if isinstance(service, Daemon))
        self.over = False

    async def __aenter__(self) -> Self:
        self.services.privilegedStartService()
        self.services.startService()
        return self

    async def __aexit__(self, *_: object) -> None:
        if not self.over:
            await self.stop()
        thaw()

    @property
    def ports(self) -> Sequence[IListeningPort]:
        return self.daemon._ports

    async def stop(self) -> None:
        self.over = True
        await self.services.stopService()

    async def connect(self, host: str = "127.0.0.1", port: IListeningPort | None = None) -> Peer:
        kind = TCP6ClientEndpoint if ":" in host else TCP4ClientEndpoint
        factory = Factory.forProtocol(Peer)
        factory.noisy = False
        peer = await kind(reactor, host, bound_port(port or self.ports[0])).connect(factory)
        assert isinstance(peer, Peer)
        return peer

    async def program(self, nick: str) -> Peer:
        """Return a program that is in the lobby."""
        peer = await self.connect()
        peer.asks({"op": "hello", "v": 1, "nick": nick}, {"op": "join", "room": "#lobby"})
        await peer.hears("live")
        return peer


def thaw() -> None:
    """Look through what the daemon has put beyond the search for garbage, and put back what is none."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()


def texts(folder: Path) -> list[str]:
    with closing(sqlite3.connect(folder / DATABASE)) as db:
        return [json.loads(event)["text"] for (event,) in db.execute("SELECT event FROM entry ORDER BY id")]


@pytest.fixture
def transcript() -> Iterator[list[str]]:
    """Give everything that is logged."""
    with logged() as lines:
        yield lines


class StartTests:
    """It comes up."""

    @in_reactor
    async def test_it_listens_on_both_of_this_computers_addresses(self, tmp_path: Path) -> None:
        """The port is the same on 127.0.0.1 and on ::1, and people come in by either."""
        async with House(tmp_path) as house:
            hosts = [port.getHost().host for port in house.ports]  # type: ignore[attr-defined]
            assert hosts in (["127.0.0.1", "::1"], ["127.0.0.1"])
            assert len({bound_port(port) for port in house.ports}) == 1
            for host in hosts:
                peer = await house.connect(host)
                peer.types("ann" if host == "127.0.0.1" else "bob")
                await peer.sees("Connected to server!")

    @in_reactor
    async def test_people_and_programs_talk(self, tmp_path: Path) -> None:
        """What one says the other hears, over sockets and through the threads."""
        async with House(tmp_path) as house:
            person = await house.connect()
            person.types("ann")
            await person.sees("Connected to server!")
            program = await house.program("bot")
            person.types("hello")
            heard = await program.hears("said")
            assert (heard["nick"], heard["text"]) == ("ann", "hello")
            program.asks({"op": "say", "room": "#lobby", "text": "hi", "ref": 7})
            assert (await program.hears("ack"))["ref"] == 7
            assert await person.sees("bot: hi")

    @in_reactor
    async def test_the_first_admin(self, tmp_path: Path, transcript: list[str]) -> None:
        """Whoever started it reads a code, and is admin by it, once; the next start has none. No password is told."""
        async with House(tmp_path) as house:
            (code,) = re.findall(r"/claim (\S+)", "\n".join(transcript))
            ann, bob = await house.connect(), await house.connect()
            ann.types("ann", "/register", "correct-horse", f"/claim {code.lower()}")
            assert "ann, a member" in await ann.sees("-- You are")
            assert await ann.sees("-- You are admin of this server.")
            bob.types("bob", f"/claim {code}")
            assert await bob.sees("! ")
        async with House(tmp_path) as house:
            pipe = await house.connect()
            pipe.types("ann correct-horse")
            assert await pipe.sees("You are ann, an admin")
        shown = "\n".join(transcript)
        assert "ann joined (127.0.0.1)" in shown
        assert shown.count("/claim") == 1
        assert "correct-horse" not in shown

    @in_reactor
    async def test_who_may_register(self, tmp_path: Path) -> None:
        """Nobody, where the settings say so."""
        async with House(tmp_path, "--set", "accounts.register=closed") as house:
            ann = await house.connect()
            ann.types("ann", "/register correct-horse")
            assert await ann.sees("! This server takes no new members.")

    @in_reactor
    async def test_who_comes_through_a_proxy(self, tmp_path: Path) -> None:
        """Though the proxy is on this computer, its peers are not, and what they type can be read on the way."""
        async with House(tmp_path, "--port", "haproxy:tcp:0:interface=127.0.0.1") as house:
            for address, answer in (("198.51.100.7", "! Passwords are not taken here"), ("127.0.0.1", "A password,")):
                peer = await house.connect(port=house.ports[-1])
                peer.types(f"PROXY TCP4 {address} 127.0.0.1 4321 55555\r", "ann", "/register", "", "/quit")
                assert await peer.sees(answer)
                await peer.gone

    @in_reactor
    async def test_no_limit_is_no_limit(self, tmp_path: Path) -> None:
        """Where 0 stands for a length, a message may be as long as a line."""
        lengths = ("--set", "limits.text_characters=0", "--set", "limits.line_bytes=0")
        async with House(tmp_path, *lengths) as house:
            ann, bot = await house.connect(), await house.program("bot")
            ann.types("ann", "x" * 10_000)
            assert (await bot.hears("said"))["text"] == "x" * 10_000

    @in_reactor
    async def test_it_goes_on_where_it_ended(self, tmp_path: Path) -> None:
        """The next daemon has the rooms and what was said, under the same epoch."""
        epochs = []
        for seq in (1, 2):
            async with House(tmp_path) as house:
                bot = await house.program(f"bot{seq}")
                bot.asks({"op": "say", "room": "#lobby", "text": f"line {seq}"})
                assert (await bot.hears("ack"))["seq"] == seq
                assert house.daemon.factory is not None
                epochs.append(house.daemon.factory.chat.epoch)
        assert len(set(epochs)) == 1
        assert texts(tmp_path) == ["line 1", "line 2"]

    @in_reactor
    async def test_a_second_one_is_refused_while_it_runs(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """The database is in use until the first has ended, and not a moment longer."""
        async with House(tmp_path) as house:
            with pytest.raises(SystemExit) as end:
                House(tmp_path)
            assert end.value.code == 3
            assert "in use by another tcpchat" in capsys.readouterr().err
            await house.stop()
            Lock(tmp_path / DATABASE).release()


class NoStartTests:
    """It does not come up: one line, and an exit status."""

    def refused(self, folder: Path, *options: str) -> object:
        with pytest.raises(SystemExit) as end:
            House(folder, *options)
        gc.collect()
        return end.value.code

    @pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
    def test_a_database_that_cannot_be_used(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """It is found out before twistd leaves the terminal, and nothing is put in its place."""
        (tmp_path / DATABASE).write_bytes(b"not a database" * 500)
        assert self.refused(tmp_path) == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert line.startswith(f"tcpchat: {tmp_path / DATABASE} is damaged")
        assert (tmp_path / DATABASE).read_bytes() == b"not a database" * 500

    @pytest.mark.parametrize("detached", [False, True])
    @in_reactor
    async def test_an_endpoint_that_cannot_be_had(
        self,
        tmp_path: Path,
        capsys: pytest.CaptureFixture[str],
        detached: bool,  # noqa: FBT001
    ) -> None:
        """In the foreground it is a line; detached, twistd is told, for it passes that on to the terminal."""
        with closing(socket.create_server(("127.0.0.1", 0))) as busy:
            house = House(tmp_path, "--port", f"tcp:{busy.getsockname()[1]}:interface=127.0.0.1")
            house.daemon._detached = detached
            with pytest.raises(PortError if detached else SystemExit, match="cannot listen" if detached else "1"):
                house.services.privilegedStartService()
        assert ("cannot listen on tcp:" in capsys.readouterr().err) is not detached
        await house.daemon.stopService()
        thaw()


class StopTests:
    """It ends."""

    @in_reactor
    async def test_what_was_read_is_stored_and_acked(self, tmp_path: Path) -> None:
        """Nothing that came in before the end is lost, and every sender hears of it before the goodbye."""
        async with House(tmp_path) as house:
            bot = await house.program("bot")
            bot.asks(*({"op": "say", "room": "#lobby", "text": f"line {n}", "ref": n} for n in range(200)))
            await bot.hears("ack")
            await house.stop()
            await bot.gone
            rest = bot.rest()
        acked = [0, *(heard["ref"] for heard in rest if heard["ev"] == "ack")]
        assert acked == list(range(len(acked)))
        assert texts(tmp_path) == [f"line {n}" for n in acked]
        assert rest[-1]["ev"] == "bye"

    @in_reactor
    async def test_everybody_hears_the_goodbye(self, tmp_path: Path) -> None:
        """A program learns that it may come again soon, a person reads it, and whoever has no name too."""
        async with House(tmp_path) as house:
            bot, ann, nobody = await house.program("bot"), await house.connect(), await house.connect()
            ann.types("ann")
            await ann.sees("Connected to server!")
            await nobody.sees("Type a nickname")
            await house.stop()
            bye = await bot.hears("bye")
            assert (bye["code"], bye["retry"]) == ("restarting", 3)
            assert await ann.sees("! The server is going down.")
            assert await nobody.sees("! The server is going down.")
            await bot.gone

    @in_reactor
    async def test_nobody_comes_in_any_more(self, tmp_path: Path) -> None:
        """The ports are closed, and the database and its lock are free."""
        async with House(tmp_path) as house:
            await house.stop()
            assert not any(getattr(port, "connected", False) for port in house.ports)
            assert not prepare(tmp_path / DATABASE, "e2")

    @in_reactor
    async def test_it_can_end_before_it_began(self, tmp_path: Path) -> None:
        """A service that was only made is stopped without a fault."""
        house = House(tmp_path)
        await Deferred.fromCoroutine(house.daemon._stop())
        house.daemon._lock.release()


class Broken(Writer):
    """A writer that cannot say what became of a commit."""

    def commit(self, batch: Sequence[Proposal], overtaken: Container[int] = ()) -> list[Outcome]:
        raise RuntimeError(batch, overtaken)


class ClockTests:
    """What the daemon waits for."""

    @in_reactor
    async def test_timers_go_by_the_clock_that_nobody_sets(self, tmp_path: Path) -> None:
        """When somebody sets the time back by an hour, nothing waits an hour longer."""
        async with House(tmp_path):
            assert isinstance(reactor, PosixReactorBase)
            assert abs(reactor.seconds() - time.monotonic()) < 1


class BrokenStoreTests:
    """A commit of which nobody knows whether it happened."""

    @in_reactor
    async def test_the_daemon_ends_with_a_status_of_its_own(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, logged_errors: list[LogEvent]
    ) -> None:
        """The sender is neither acked nor refused but let go, and the process ends: the next start finds out."""
        assert isinstance(reactor, PosixReactorBase)
        ended: Deferred[None] = Deferred()
        triggers: list[tuple[object, ...]] = []
        monkeypatch.setattr(reactor, "addSystemEventTrigger", lambda *trigger: triggers.append(trigger))
        monkeypatch.setattr(reactor, "stop", lambda: ended.callback(None))
        async with House(tmp_path) as house:
            bot = await house.program("bot")
            assert house.daemon.factory is not None
            log = house.daemon.factory.chat.log
            log._writer = Broken(log._db)  # type: ignore[attr-defined]
            bot.asks({"op": "say", "room": "#lobby", "text": "hello", "ref": 1})
            bye = await bot.hears("bye")
            await bot.gone
            await ended
            await house.stop()
        assert bye["code"] == "internal"
        assert ("after", "shutdown", os._exit, STORE_FAILED) in triggers
        assert "the writer failed" in str(logged_errors[0]["log_format"])
        assert texts(tmp_path) == []
