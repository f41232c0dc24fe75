"""SIGHUP: the settings are read again under load, and nobody loses anything by it."""

from __future__ import annotations

import signal
import ssl
import time
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.end_to_end.daemon import Daemon
from tests.end_to_end.peers import Peer, Program
from tests.end_to_end.streams import DEADLINE, PAUSE
from twistedchat.tls import CERTIFICATE, KEY, make_certificate

if TYPE_CHECKING:
    from pathlib import Path

    from tests.end_to_end.daemon import Start
    from tests.end_to_end.peers import Meet

GOOD = "[limits]\nburst = {}\n"
BROKEN = "[limits]\nburst = {}\n[rooms]\nguests = 'nobody'\n"
TIMES = 30


def hang_up(daemon: Daemon, number: int) -> None:
    """Have it read them again, and wait until it has."""
    assert daemon.process is not None
    daemon.process.send_signal(signal.SIGHUP)
    until = time.monotonic() + DEADLINE
    while daemon.out.count("settings read again") + daemon.err.count("stay as they are") < number:
        assert not daemon.has_ended, daemon.err
        assert time.monotonic() < until, daemon.out + daemon.err
        time.sleep(PAUSE)


def shown(daemon: Daemon) -> str:
    """Return the certificate that somebody sees who comes in now."""
    return ssl.get_server_certificate(("127.0.0.1", daemon.port)).strip()


class HangupTests:
    @pytest.mark.parametrize("command", [GOOD, BROKEN])
    def test_one_after_another(self, start: Start, meet: Meet, tmp_path: Path, command: str) -> None:
        """Good ones hold for who comes next, broken ones for nobody; people talk on, and all is told once."""
        file = tmp_path / "tcpchat.toml"
        file.write_text("")
        daemon = start("--config", str(file), "--set", "limits.exempt=", "--set", "limits.per_second=1000")
        ann, bot = meet(Peer(daemon.port)), meet(Program(daemon.port))
        ann.enters("ann")
        bot.enters("bot")
        for number in range(TIMES):
            file.write_text((BROKEN if number % 2 else command).format(20 + number))
            bot.asks("say", text=f"before {number}", cid=f"b{number}")
            hang_up(daemon, number + 1)
        bot.hears(ev="said", text=f"before {TIMES - 1}")
        ann.shows(f"bot: before {TIMES - 1}")
        assert [text for nick, text in bot.talk() if nick == "bot"] == [f"before {number}" for number in range(TIMES)]
        new = meet(Program(daemon.port)).hello("new")
        assert new["limits"]["burst"] == (20 + TIMES - 2 if command is GOOD else 10)
        assert "rooms.guests: it is 'nobody', and may be talk or read or none" in daemon.err
        assert daemon.stop() == -signal.SIGTERM

    def test_certificate(self, tmp_path: Path) -> None:
        """Who comes in after a renewal sees the new one."""
        folder = tmp_path / "certificate"
        make_certificate(folder, "bee")
        before = (folder / CERTIFICATE).read_text()
        with closing(Daemon(tmp_path, "--tls", str(folder))) as daemon:
            daemon.start()
            assert shown(daemon) == before.strip()
            for name in (CERTIFICATE, KEY):
                (folder / name).unlink()
            make_certificate(folder, "bee")
            hang_up(daemon, 1)
            assert "other now: the certificate" in daemon.out
            assert shown(daemon) == (folder / CERTIFICATE).read_text().strip() != before.strip()
