"""The files are not what the daemon has left: it says so, or tells what is there as it was."""

from __future__ import annotations

import shutil
import signal
from contextlib import closing
from random import Random
from typing import TYPE_CHECKING

import pytest

from tests.end_to_end.daemon import DATABASE, Daemon, run
from tests.end_to_end.peers import Program
from tests.end_to_end.talkers import history

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.end_to_end.peers import Meet

FLIPS = 100
TEXTS = [f"message {number} {'is long ' * (number % 50)}end" for number in range(200)]
WAL = f"{DATABASE}-wal"
TRIES, TRIES_SOAKED = 5, 50
"""How many times a few are tried in each run, and many when that is asked for."""


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give what an orderly end has left."""
    return left(tmp_path_factory.mktemp("closed"), signal.SIGTERM)


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give what a crash has left: everything is in the -wal still."""
    return left(tmp_path_factory.mktemp("killed"), signal.SIGKILL)


def left(folder: Path, how: signal.Signals) -> Path:
    with closing(Daemon(folder)) as daemon:
        daemon.start()
        with closing(Program(daemon.port)) as program:
            program.enters("program")
            for text in TEXTS:
                program.asks("say", room="#lobby", text=text)
            program.hears(ev="ack", seq=len(TEXTS))
        daemon.stop(how)
    return daemon.data


def flipped(data: bytes, seed: int) -> bytes:
    """Return the bytes with a hundred of them others than they were."""
    random, others = Random(seed), bytearray(data)
    for at in random.sample(range(len(others)), FLIPS):
        others[at] ^= random.randrange(1, 256)
    return bytes(others)


def is_refused(folder: Path) -> None:
    """See that it is not started: one line, a status of its own, and nothing is changed."""
    before = (folder / DATABASE).read_bytes()
    done = run("--port", "0", "--data", str(folder), folder=folder)
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"tcpchat: {folder / DATABASE} is damaged (") or "is not a database of tcpchat's" in line
    assert (folder / DATABASE).read_bytes() == before


def is_told(folder: Path) -> Sequence[str]:
    """Start on what is there, and return what a reader is told of it; there is no fault in the log."""
    folder.rename(folder.with_name("data"))
    with closing(Daemon(folder.parent)) as daemon:
        daemon.start()
        return [event["text"] for event in history(daemon.port)]


class FlippedBytesTests:
    """A hundred bytes of the database are others than they were."""

    @pytest.mark.parametrize("seed", range(TRIES))
    def test_it_is_refused(self, closed: Path, tmp_path: Path, seed: int) -> None:
        """In one line that says what to do; and no empty one is put in its place."""
        (tmp_path / DATABASE).write_bytes(flipped((closed / DATABASE).read_bytes(), seed))
        is_refused(tmp_path)

    @pytest.mark.soak
    @pytest.mark.parametrize("seed", range(TRIES, TRIES_SOAKED))
    def test_it_is_refused_every_time(self, closed: Path, tmp_path: Path, seed: int) -> None:
        """Whichever bytes."""
        (tmp_path / DATABASE).write_bytes(flipped((closed / DATABASE).read_bytes(), seed))
        is_refused(tmp_path)


class DamagedWalTests:
    """What had not got from the -wal into the database is there in part: that part is told, as it was."""

    @pytest.mark.parametrize("seed", range(TRIES))
    def test_truncated(self, killed: Path, tmp_path: Path, seed: int) -> None:
        """Without a gap."""
        folder = copied(killed, tmp_path)
        data = (folder / WAL).read_bytes()
        (folder / WAL).write_bytes(data[: Random(seed).randrange(len(data))])
        is_a_beginning(is_told(folder))

    @pytest.mark.parametrize("seed", range(TRIES))
    def test_flipped_bytes(self, killed: Path, tmp_path: Path, seed: int) -> None:
        """Each transaction in it has a checksum, and what follows one that is wrong is not used."""
        folder = copied(killed, tmp_path)
        (folder / WAL).write_bytes(flipped((folder / WAL).read_bytes(), seed))
        is_a_beginning(is_told(folder))

    @pytest.mark.soak
    @pytest.mark.parametrize("seed", range(TRIES, TRIES_SOAKED))
    def test_truncated_anywhere(self, killed: Path, tmp_path: Path, seed: int) -> None:
        """Wherever that is."""
        self.test_truncated(killed, tmp_path, seed)


class TakenAwayTests:
    """Somebody moves or deletes the database while the daemon runs."""

    def test_nothing_is_stored_where_nobody_finds_it(self, daemon: Daemon, meet: Meet) -> None:
        """It is refused and nobody sees it; with the database back in its place it goes on by itself."""
        program, listener = meet(Program(daemon.port)), meet(Program(daemon.port))
        program.enters("program")
        listener.enters("listener")
        program.answer("say", room="#lobby", text="before")
        away = daemon.database.rename(daemon.folder / "away")
        refusal = program.answer("say", room="#lobby", text="while it is away", cid="c1")
        assert (refusal["code"], refusal["text"]) == ("not_stored", "not stored: the database is not where it was")
        daemon.database.touch()
        assert program.answer("say", room="#lobby", text="into another", cid="c1")["code"] == "not_stored"
        away.rename(daemon.database)
        assert program.answer("say", room="#lobby", text="after", cid="c1")["seq"] == 2
        listener.hears(ev="said", text="after")
        assert listener.talk() == [("program", "before"), ("program", "after")]


def copied(folder: Path, into: Path) -> Path:
    """Return a copy of what a crash has left."""
    shutil.copytree(folder, into / "copy")
    return into / "copy"


def is_a_beginning(texts: Sequence[str]) -> None:
    assert list(texts) == TEXTS[: len(texts)]
