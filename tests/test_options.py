"""The command line: what is typed becomes settings, or one clear line and an exit status."""

from __future__ import annotations

import re
import socket
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from twisted.scripts._twistd_unix import ServerOptions

from twistedchat import __version__
from twistedchat.options import PIDFILE, PLAIN_LOG, Options
from twistedchat.store.files import DATABASE, Lock, prepare

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give an empty folder, in which everything is typed."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def busy() -> Iterator[str]:
    """Give a port on which somebody else listens."""
    with closing(socket.create_server(("127.0.0.1", 0))) as other:
        yield str(other.getsockname()[1])


def typed(*arguments: str, twistd: ServerOptions | None = None) -> Options:
    """Return the options after this was typed; another port than 55555, for somebody may be there."""
    options = Options()
    options.parent = twistd
    options.parseOptions(["--port", "0", *arguments])
    assert options.lock is not None
    options.lock.release()
    return options


class Refused:
    """Types what cannot be, and keeps what was shown."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *arguments: str) -> tuple[object, str]:
        """Return the exit status and what stood on stderr; nothing stands on stdout, and no traceback anywhere."""
        options = Options()
        with pytest.raises(SystemExit) as end:
            options.parseOptions(arguments)
        if options.lock is not None:
            options.lock.release()
        shown = self._capsys.readouterr()
        assert shown.out == ""
        assert all(line.startswith("tcpchat: ") for line in shown.err.splitlines())
        return end.value.code, shown.err.replace("tcpchat: ", "", 1).rstrip("\n")


@pytest.fixture
def refused(capsys: pytest.CaptureFixture[str]) -> Refused:
    """Give what types something that cannot be."""
    return Refused(capsys)


class SettingsTests:
    """What becomes of what is typed."""

    def test_ports_are_gathered(self) -> None:
        """Each --port is one more, bare or an endpoint, and the file's are not used then."""
        assert typed("-p", "tcp:8000", "--port", "unix:x").settings.listen.port == ("0", "tcp:8000", "unix:x")

    def test_options_win_over_set_and_the_file(self, folder: Path) -> None:
        """Of what can be said in three ways the option counts."""
        (folder / "mine").mkdir()
        (folder / "chat.toml").write_text('[server]\nname = "bee"\ndata = "nowhere"\n[history]\nreplay = 3\n')
        options = typed(
            "--config", "chat.toml", "--set", "server.data=none", "--set", "history.replay=5", "--data", "mine"
        )
        settings = options.settings
        assert (settings.server.name, settings.server.data, settings.history.replay) == ("bee", "mine", 5)

    def test_the_lock_is_taken(self, folder: Path) -> None:
        """From here on no other daemon can have this database."""
        options = Options()
        options.parseOptions(["--port", "0"])
        assert options.lock is not None
        assert (folder / f"{DATABASE}-lock").exists()
        options.lock.release()


class RefusalTests:
    """One line on stderr, an exit status, and no traceback."""

    @pytest.mark.parametrize("arguments", [["--prot", "1"], ["--port"], ["--check=3"]])
    def test_a_wrong_option(self, refused: Refused, arguments: list[str]) -> None:
        """It is named, and where help is."""
        status, line = refused(*arguments)
        assert status == 1
        assert arguments[0].lstrip("-").partition("=")[0] in line
        assert line.endswith("; see twistd tcpchat --help")

    def test_a_word_that_is_no_option(self, refused: Refused) -> None:
        """Whoever forgets the dashes is shown them."""
        assert refused("55555") == (
            1,
            "what is 55555? Options begin with --, as in --port 55555; see twistd tcpchat --help",
        )

    def test_all_wrong_settings_at_once(self, refused: Refused) -> None:
        """Each has its line."""
        status, lines = refused("--set", "limits.burst=-1", "--set", "history.reply=3")
        assert status == 1
        assert lines.splitlines() == [
            "limits.burst: it is -1, and may be a whole number, 0 or more (in --set)",
            "tcpchat: history: there is no setting reply; there are keep, replay (in --set)",
        ]

    def test_a_port_in_use(self, refused: Refused, busy: str) -> None:
        """What is the matter, and another to try."""
        assert refused("--port", busy) == (
            1,
            f"port {busy} is already in use on this machine. Is tcpchat already running? Try --port {int(busy) + 1}",
        )

    @pytest.mark.parametrize(
        ("port", "line"),
        [
            ("70000", "there is no port 70000: it may be 1 to 65535"),
            ("-5", "-5 is neither a port nor an endpoint, as 55555 or tcp:55555 are"),
            ("chat", "chat is neither a port nor an endpoint, as 55555 or tcp:55555 are"),
        ],
    )
    def test_what_is_no_port(self, refused: Refused, port: str, line: str) -> None:
        """What a port looks like is shown."""
        assert refused(f"--port={port}") == (1, line)

    def test_a_second_daemon_in_the_folder(self, refused: Refused, folder: Path) -> None:
        """It is in use, and that has an exit status of its own."""
        lock = Lock(folder / DATABASE)
        assert refused("--port", "0") == (
            3,
            f"{folder / DATABASE} is in use by another tcpchat: stop it, or use --data DIR",
        )
        lock.release()

    def test_a_folder_that_is_not_there(self, refused: Refused, folder: Path) -> None:
        """It is not made by itself."""
        assert refused("--port", "0", "--data", "nowhere") == (
            1,
            f"there is no folder {folder / 'nowhere'}: make it, or use --data DIR",
        )
        assert not (folder / "nowhere").exists()

    def test_public_without_saying_how(self, refused: Refused) -> None:
        """What everybody can reach is under TLS, or the opposite is said."""
        status, line = refused("--port", "0", "--public")
        assert (status, "--insecure" in line) == (1, True)


class OtherEndsTests:
    """Command lines that end without a daemon."""

    def end(self, *arguments: str) -> object:
        with pytest.raises(SystemExit) as end:
            Options().parseOptions(arguments)
        return end.value.code

    def test_check_of_right_settings(self, capsys: pytest.CaptureFixture[str], folder: Path) -> None:
        """It says so, with 0, and leaves nothing behind."""
        assert self.end("--check", "--port", "0") == 0
        assert capsys.readouterr() == ("tcpchat: these settings are right\n", "")
        assert list(folder.iterdir()) == []

    def test_check_beside_a_daemon(self, folder: Path) -> None:
        """Settings can be tried while the daemon that they are for is running."""
        lock = Lock(folder / DATABASE)
        assert self.end("--check", "--port", "0") == 0
        lock.release()

    def test_check_of_wrong_settings(self, refused: Refused) -> None:
        """It says what is wrong, with 1."""
        status, line = refused("--check", "--port", "0", "--set", "limits.burst=many")
        assert (status, "limits.burst" in line) == (1, True)

    def test_a_code_for_an_admin(self, capsys: pytest.CaptureFixture[str], folder: Path) -> None:
        """A new one each time, in place of the one before; also while the daemon runs."""
        prepare(folder / DATABASE, "e1")
        lock = Lock(folder / DATABASE)
        shown = []
        for _ in range(2):
            assert self.end("--admin-code") == 0
            shown.append(capsys.readouterr().out)
        lock.release()
        assert all(
            re.fullmatch(r"in the chat type  /claim \w{4}-\w{4}   \(works once, for 24 h\)\n", line) for line in shown
        )
        assert shown[0] != shown[1]

    def test_a_code_where_there_is_no_database(self, refused: Refused, folder: Path) -> None:
        """It is not made for that: the first start does, and prints a code itself."""
        status, line = refused("--admin-code")
        assert (status, list(folder.iterdir())) == (1, [])
        assert line == f"there is no {folder / DATABASE} yet; the first start makes it, and prints a code"

    def test_version(self, capsys: pytest.CaptureFixture[str]) -> None:
        """It is ours, not twistd's."""
        assert self.end("--version") == 0
        assert capsys.readouterr().out == f"tcpchat {__version__}\n"

    def test_help(self, capsys: pytest.CaptureFixture[str]) -> None:
        """Every option is there with its sentence."""
        assert self.end("--help") == 0
        shown = capsys.readouterr().out
        assert all(
            option in shown
            for option in ("--port=", "--data=", "--config=", "--set=", "--check", "--public", "--admin")
        )


class TwistdTests:
    """What of twistd's own is settled."""

    def twistd(self, **given: object) -> ServerOptions:
        """Return twistd's own options as they are when ours are looked at: given, or left at their default."""
        options = ServerOptions()
        options.update(given)
        return options

    def test_the_pidfile_is_where_the_data_is(self, folder: Path) -> None:
        """Two daemons with two folders can be started from one place; what a dead one left is no obstacle."""
        (folder / "mine").mkdir()
        (folder / "mine" / PIDFILE).write_text("1\n")
        twistd = self.twistd(nodaemon=1)
        typed("--data", "mine", twistd=twistd)
        assert twistd["pidfile"] == str(folder / "mine" / PIDFILE)
        assert not (folder / "mine" / PIDFILE).exists()

    @pytest.mark.parametrize("pidfile", ["", "/run/chat.pid"])
    def test_a_pidfile_that_was_given_stays(self, pidfile: str) -> None:
        """So does none."""
        twistd = self.twistd(nodaemon=1, pidfile=pidfile)
        typed(twistd=twistd)
        assert twistd["pidfile"] == pidfile

    def test_the_log_on_the_screen_is_plain(self) -> None:
        """In the foreground our lines are shown without prefixes, by an observer that twistd finds by its name."""
        twistd = self.twistd(nodaemon=1)
        typed(twistd=twistd)
        assert twistd["logger"] == PLAIN_LOG

    @pytest.mark.parametrize("given", [{"logfile": "chat.log"}, {"syslog": 1}, {"logger": "some.observer"}])
    def test_a_log_that_was_asked_for_stays(self, given: dict[str, object]) -> None:
        """Whoever says where the log goes has it there."""
        twistd = self.twistd(nodaemon=1, **given)
        before = twistd["logger"]
        typed(twistd=twistd)
        assert twistd["logger"] == before

    def test_a_daemon_logs_to_its_file(self) -> None:
        """In the background there is no screen to be plain for."""
        twistd = self.twistd()
        typed(twistd=twistd)
        assert not twistd["logger"]
