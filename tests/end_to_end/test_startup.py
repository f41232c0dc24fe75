"""What whoever starts the daemon sees when it cannot start, and when it can."""

from __future__ import annotations

import os
import shutil
import socket
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.end_to_end.daemon import DATABASE, MODULE, TWISTD, Daemon, run
from tests.end_to_end.peers import Peer, Program
from tests.helpers import tool

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator, Sequence

    from tests.end_to_end.daemon import Start
    from tests.end_to_end.peers import Meet

NOBODY = 65534


def complaint(done: subprocess.CompletedProcess[str], status: int) -> str:
    """What it said on stderr when it ended with that status, which must be for people to read."""
    assert done.returncode == status, done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert done.stderr.startswith("tcpchat: ")
    return done.stderr


def contents(folder: Path) -> dict[str, bytes]:
    """The database and the WAL beside it, byte for byte; an empty WAL is none."""
    return {file.name: file.read_bytes() for file in folder.glob(f"{DATABASE}*") if is_kept(file)}


def is_kept(file: Path) -> bool:
    return file.name == DATABASE or (file.name == f"{DATABASE}-wal" and file.stat().st_size > 0)


@pytest.fixture
def used(tmp_path: Path) -> Path:
    """A folder with a database in which something was said."""
    daemon = Daemon(tmp_path)
    daemon.start()
    with closing(Program(daemon.port)) as ann:
        ann.enters("ann")
        for number in range(200):
            ann.asks("say", text=f"{number} {'x' * 200}")
        ann.hears(ev="ack", seq=200)
    daemon.stop()
    daemon.close()
    return daemon.data


class Nobody:
    """Starts daemons as a user without any right, in a folder of root's or of their own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        drop = [tool("setpriv"), f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
        self._command = [*drop, "--inh-caps=-all", "--bounding-set=-all", *MODULE]

    def starts(self, *words: str) -> subprocess.CompletedProcess[str]:
        return run(*words, folder=self.folder, command=self._command)


@pytest.fixture
def nobody() -> Iterator[Nobody]:
    if os.geteuid() != 0:
        pytest.skip("only root can become nobody")
    folder = Path(tempfile.mkdtemp(prefix="tcpchat-", dir="/tmp"))
    folder.chmod(0o755)
    someone = Nobody(folder)
    if someone.starts("--version").returncode != 0:
        pytest.skip("nobody may not read this checkout")
    yield someone
    shutil.rmtree(folder)


class BannerTests:
    """A start that goes well."""

    def test_clean_banner(self, start: Start) -> None:
        """It says what it is, how to come in, where things are kept, how to be admin, who can reach it; no more."""
        daemon = start()
        title, people, kept, admin, reach = daemon.out.splitlines()
        assert title.startswith("tcpchat 0.")
        assert " is ready (Twisted " in title
        assert people == f"  people   tcpchat-client localhost {daemon.port}      or   nc localhost {daemon.port}"
        assert kept == f"  kept in  {daemon.database} (new; survives a power cut)"
        assert admin.startswith("  admin    in the chat type  /claim ")
        assert reach.startswith("  reach    only this computer")
        assert daemon.err == ""

    def test_log_has_who_came_and_never_what_was_said(self, start: Start, meet: Meet) -> None:
        """The log tells of joining and leaving, and holds not a word of the talk."""
        daemon = start()
        ann, bob = meet(Peer(daemon.port)), meet(Peer(daemon.port))
        ann.enters("ann")
        bob.enters("bob")
        ann.types("a very private word")
        bob.sees("ann: a very private word")
        bob.close()
        ann.sees("bob left!")
        daemon.stop()
        lines = daemon.out.splitlines()[5:]
        assert lines[:3] == ["ann joined (127.0.0.1)", "bob joined (127.0.0.1)", "bob left (127.0.0.1)"]
        assert "private" not in daemon.out + daemon.err

    def test_both_addresses_of_this_computer(self, start: Start) -> None:
        """A bare port is listened on at 127.0.0.1 and at ::1, where there is IPv6."""
        daemon = start()
        if "no IPv6" in daemon.out:
            pytest.skip("there is no IPv6 here")
        with socket.create_connection(("::1", daemon.port)):
            pass

    def test_twistd_itself(self, tmp_path: Path) -> None:
        """``twistd -n tcpchat`` knows the plugin and complains as ``python -m twistedchat`` does."""
        done = run("--port", "nonsense", folder=tmp_path, command=TWISTD)
        assert "nonsense is neither a port nor an endpoint" in complaint(done, 1)

    def test_start_where_it_was_left(self, start: Start) -> None:
        """The second start in a folder says that the database is as it was left."""
        daemon = start()
        daemon.stop()
        daemon.start()
        assert "(as it was left; survives a power cut)" in daemon.out


class PortTests:
    """Where it cannot listen."""

    @pytest.mark.parametrize("command", [MODULE, TWISTD], ids=["module", "twistd"])
    def test_port_in_use(self, tmp_path: Path, command: Sequence[str]) -> None:
        """It names the port, asks whether it runs already, and names the next one; status 1."""
        with socket.create_server(("127.0.0.1", 0)) as other:
            port = other.getsockname()[1]
            done = run("--port", str(port), folder=tmp_path, command=command)
        assert complaint(done, 1) == (
            f"tcpchat: port {port} is already in use on this machine."
            f" Is tcpchat already running? Try --port {port + 1}\n"
        )
        assert not (tmp_path / DATABASE).exists()

    def test_endpoint_in_use(self, tmp_path: Path) -> None:
        """An endpoint that is in use is named too, without a traceback."""
        with socket.create_server(("127.0.0.1", 0)) as other:
            port = other.getsockname()[1]
            done = run("--port", f"tcp:{port}:interface=127.0.0.1", folder=tmp_path)
        assert str(port) in complaint(done, 1)

    def test_second_daemon_in_the_same_folder(self, start: Start, meet: Meet) -> None:
        """It is told that the database is in use, status 3, and the first daemon goes on."""
        first = start()
        done = run("--port", "0", "--data", str(first.data), folder=first.folder)
        assert f"{first.database} is in use by another tcpchat" in complaint(done, 3)
        meet(Peer(first.port)).enters("ann")

    def test_second_daemon_in_another_folder(self, start: Start, tmp_path: Path, meet: Meet) -> None:
        """With data of its own a second daemon starts beside the first, from the same folder."""
        first = start()
        second = Daemon(tmp_path / "data")
        second.start()
        try:
            meet(Peer(first.port)).enters("ann")
            meet(Peer(second.port)).enters("ann")
            assert second.stop() == -15
        finally:
            second.close()

    def test_port_below_1024(self, nobody: Nobody) -> None:
        """Without the right to it, it says that the port needs root, and what does not."""
        if int(Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").read_text()) <= 23:
            pytest.skip("here anybody may listen on port 23")
        nobody.folder.chmod(0o777)
        done = nobody.starts("--port", "23")
        assert complaint(done, 1) == "tcpchat: port 23 needs root. Use 55555, or a systemd socket\n"

    @pytest.mark.parametrize("port", ["99999", "nonsense", "tcp:x", "tcp:1:2:3:4", "nosuch:1"])
    def test_no_port_at_all(self, tmp_path: Path, port: str) -> None:
        """What is neither a port nor an endpoint is named; status 1."""
        assert port in complaint(run("--port", port, folder=tmp_path), 1)


class FolderTests:
    """Where it cannot keep anything."""

    def test_folder_not_writable(self, nobody: Nobody) -> None:
        """It says what it cannot write where, and which option helps."""
        done = nobody.starts("--port", "0")
        assert complaint(done, 1) == f"tcpchat: cannot write {DATABASE} in {nobody.folder}: use --data DIR\n"

    def test_no_such_folder(self, tmp_path: Path) -> None:
        """It says that there is no such folder, and makes none."""
        done = run("--port", "0", "--data", str(tmp_path / "none"), folder=tmp_path)
        assert f"there is no folder {tmp_path / 'none'}" in complaint(done, 1)
        assert list(tmp_path.iterdir()) == []

    def test_read_only_database(self, nobody: Nobody, used: Path) -> None:
        """It says that the file is read-only, status 2, and starts no other in its place."""
        nobody.folder.chmod(0o777)
        database = nobody.folder / DATABASE
        shutil.copyfile(used / DATABASE, database)
        database.chmod(0o444)
        before = contents(nobody.folder)
        assert f"{database} is read-only" in complaint(nobody.starts("--port", "0"), 2)
        assert contents(nobody.folder) == before


class DatabaseTests:
    """A database that cannot be used is left as it is, and none is started in its place."""

    def refuses(self, data: Path, words: str) -> None:
        before = contents(data)
        done = run("--port", "0", "--data", str(data), folder=data)
        said = complaint(done, 2)
        assert str(data / DATABASE) in said
        assert words in said
        assert contents(data) == before

    def test_newer(self, used: Path) -> None:
        """One of a newer version is refused with both versions."""
        with closing(sqlite3.connect(used / DATABASE)) as db:
            db.execute("PRAGMA user_version = 99")
        self.refuses(used, "was written by a newer tcpchat (schema 99")

    def test_newer_as_a_crash_left_it(self, used: Path, tmp_path: Path) -> None:
        """One of a newer version that was not closed is refused as well, and its WAL stays beside it."""
        left = tmp_path / "left"
        left.mkdir()
        with closing(sqlite3.connect(used / DATABASE)) as db:
            db.execute("PRAGMA user_version = 99")
            for ending in ("", "-wal"):
                shutil.copyfile(used / (DATABASE + ending), left / (DATABASE + ending))
        assert (left / (DATABASE + "-wal")).stat().st_size
        self.refuses(left, "was written by a newer tcpchat (schema 99")

    @pytest.mark.parametrize("at", [0, 16, 18, 20], ids=["magic", "page size", "file format", "reserved"])
    def test_flipped_bytes_of_the_header(self, used: Path, at: int) -> None:
        """Flipped bytes at its beginning make it damaged, or not a database at all."""
        database = used / DATABASE
        data = bytearray(database.read_bytes())
        data[at] ^= 0xFF
        data[at + 1] ^= 0xFF
        database.write_bytes(data)
        self.refuses(used, "")

    def test_flipped_bytes_of_a_page(self, used: Path) -> None:
        """A page of nonsense in its middle is found at the start."""
        database = used / DATABASE
        data = bytearray(database.read_bytes())
        middle = len(data) // 2 // 4096 * 4096
        data[middle : middle + 4096] = b"\xa5" * 4096
        database.write_bytes(data)
        self.refuses(used, "is damaged")

    @pytest.mark.parametrize("kept", [50, 100, 5000, 12288])
    def test_truncated(self, used: Path, kept: int) -> None:
        """A file that is cut off is damaged."""
        os.truncate(used / DATABASE, kept)
        self.refuses(used, "is damaged")

    def test_something_else(self, tmp_path: Path) -> None:
        """A file that is no database is refused."""
        (tmp_path / DATABASE).write_text("dear diary\n" * 1000)
        self.refuses(tmp_path, "is damaged")

    def test_somebody_elses(self, tmp_path: Path) -> None:
        """A database of another program's is refused."""
        with closing(sqlite3.connect(tmp_path / DATABASE)) as db:
            db.execute("CREATE TABLE recipe (name)")
        self.refuses(tmp_path, "is not a database of tcpchat's")


class SettingsTests:
    """What is wrong with the settings is said with its name, its value and what is allowed."""

    @pytest.mark.parametrize(
        ("words", "said"),
        [
            (["--prot", "5"], ["--prot", "twistd tcpchat --help"]),
            (["--port"], ["--port", "twistd tcpchat --help"]),
            (["5555"], ["5555", "--port 55555"]),
            (["--set", "limits.brust=5"], ["brust", "burst"]),
            (["--set", "limits.burst=-1"], ["limits.burst", "-1", "a whole number, 0 or more"]),
            (["--set", "limits.per_second=fast"], ["limits.per_second", "'fast'", "a number, 0 or more"]),
            (["--set", "server.durability=maybe"], ["server.durability", "'maybe'", "power or process"]),
            (["--set", "rooms.lobby=lobby"], ["rooms.lobby", "'lobby'", "# and small letters or digits"]),
            (["--set", "nosuch.key=1"], ["nosuch", "limits"]),
            (["--set", "burst=1"], ["burst=1", "section.key=value"]),
            (["--config", "none.toml"], ["none.toml", "No such file"]),
        ],
    )
    def test_what_is_wrong(self, tmp_path: Path, words: list[str], said: list[str]) -> None:
        """An option, a key or a value that is wrong ends the start with status 1."""
        done = run("--port", "0", *words, folder=tmp_path)
        complained = complaint(done, 1)
        for word in said:
            assert word in complained
        assert not (tmp_path / DATABASE).exists()

    def test_everything_at_once(self, tmp_path: Path) -> None:
        """All that is wrong in a file is said in one go, each with its own line and with the file's name."""
        config = tmp_path / "chat.toml"
        config.write_text(
            '[limits]\nbrust = 5\nburst = "many"\nper_second = -2\n'
            '[server]\ndurability = "maybe"\n[rooms]\nlobby = "#A B"\n'
        )
        lines = complaint(run("--config", str(config), "--port", "0", folder=tmp_path), 1).splitlines()
        for name in ("brust", "limits.burst", "limits.per_second", "server.durability", "rooms.lobby"):
            (line,) = [line for line in lines if name in line]
            assert line.startswith("tcpchat: ")
            assert str(config) in line

    def test_no_toml(self, tmp_path: Path) -> None:
        """A file that is not TOML is named, with the line that is wrong."""
        config = tmp_path / "chat.toml"
        config.write_text("[limits\nburst = 5\n")
        complained = complaint(run("--config", str(config), folder=tmp_path), 1)
        assert f"{config} is not TOML" in complained
        assert "line 1" in complained

    def test_check_of_bad_settings(self, tmp_path: Path) -> None:
        """``--check`` of settings that are wrong says what a start would say, and ends with 1."""
        words = ["--port", "0", "--set", "limits.brust=5"]
        start, check = (run(*words, *more, folder=tmp_path) for more in ([], ["--check"]))
        assert complaint(check, 1) == complaint(start, 1)
        assert list(tmp_path.iterdir()) == []

    def test_check_of_good_settings(self, tmp_path: Path) -> None:
        """``--check`` of settings that are right says so, ends with 0 and leaves nothing behind."""
        config = tmp_path / "chat.toml"
        config.write_text('[limits]\nburst = 5\n[listen]\nport = ["0"]\n')
        done = run("--check", "--config", str(config), folder=tmp_path)
        assert (done.returncode, done.stdout, done.stderr) == (0, "tcpchat: these settings are right\n", "")
        assert list(tmp_path.iterdir()) == [config]
