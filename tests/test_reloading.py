"""The settings are read again: all of them are used, or none."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest
from twisted.internet.defer import Deferred

from tests.helpers import Clockwork, logged
from twistedchat import reloading
from twistedchat.chat.errors import BadSettings
from twistedchat.chat.reread import Reread
from twistedchat.config import Settings, load
from twistedchat.reloading import Hangups, Reloading, adopt
from twistedchat.tls import CERTIFICATE, KEY, ServerContext, make_certificate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Desk:
    """A file with settings, what reads it again, and what was adopted."""

    def __init__(self, folder: Path, *, tls: bool = False) -> None:
        self.file = folder / "tcpchat.toml"
        self.file.write_text("")
        self.adopted: list[Settings] = []
        self.folder = folder
        self.tls = self.certificate() if tls else None
        self.reloading = Reloading(
            self.read(),
            self.read,
            self.adopted.append,
            tls=self.tls,
            renew=lambda: ServerContext(folder) if tls else None,
        )

    def read(self) -> Settings:
        return load(self.file, ["limits.per_second=3"])

    def certificate(self) -> ServerContext:
        for name in (CERTIFICATE, KEY):
            (self.folder / name).unlink(missing_ok=True)
        make_certificate(self.folder, "bee")
        return ServerContext(self.folder)

    def writes(self, text: str) -> Reread:
        self.file.write_text(text)
        return self.reloading.reread()


class RereadTests:
    """What is other, and what waits."""

    def test_what_has_changed(self, tmp_path: Path) -> None:
        """By name; what is said otherwise on the command line stays as it is there."""
        desk = Desk(tmp_path)
        reread = desk.writes('[limits]\nburst = 3\nper_second = 9\n[rooms]\nguests = "read"\n')
        assert (reread.changed, reread.waiting, reread.guests) == (("limits.burst", "rooms.guests"), (), "read")
        assert desk.adopted == []
        reread.apply()
        [adopted] = desk.adopted
        assert [adopted.limits.burst, adopted.limits.per_second] == [3, 3.0]
        again = desk.reloading.reread()
        assert (again.changed, again.lines) == ((), ("Nothing is other than before.",))

    def test_what_waits_for_the_next_start(self, tmp_path: Path) -> None:
        """It is said each time, and nothing is done about it."""
        desk = Desk(tmp_path)
        place = '[listen]\nport = ["7000"]\n[rooms]\nlobby = "#hall"\n[server]\nname = "ant"\n'
        for _ in range(2):
            reread = desk.writes(f"{place}[limits]\ntext_characters = 9\n")
            assert reread.changed == ()
            assert reread.waiting == ("server.name", "listen.port", "limits.text_characters", "rooms.lobby")
            reread.apply()
            assert desk.adopted[-1] == desk.adopted[0] == load(None, ["limits.per_second=3"])

    @pytest.mark.parametrize(
        ("text", "why"),
        [
            ("[limits]\nburst = 3\nper_minute = 4\n[rooms]\nguests = 7\n", "there is no setting per_minute"),
            ("[limits]\nburst = -1\n", "limits.burst: it is -1"),
            ("limits", "is not TOML"),
        ],
    )
    def test_all_or_nothing(self, tmp_path: Path, text: str, why: str) -> None:
        """Where anything is wrong it is named, and the old ones hold."""
        desk = Desk(tmp_path)
        with pytest.raises(BadSettings, match=why) as refused:
            desk.writes(text)
        assert refused.value.text.startswith("The settings stay as they are: ")
        desk.file.unlink()
        with pytest.raises(BadSettings, match="cannot read"):
            desk.reloading.reread()
        assert desk.adopted == []

    def test_certificate(self, tmp_path: Path) -> None:
        """Another one is used from the next handshake on; one that is broken is not, and nothing else is either."""
        desk = Desk(tmp_path, tls=True)
        assert desk.tls is not None
        before, first = desk.tls.getContext(), desk.tls.fingerprint
        assert desk.writes("").changed == ()
        second = desk.certificate()
        reread = desk.writes("[limits]\nburst = 3\n")
        assert reread.changed == ("limits.burst", "the certificate")
        assert desk.tls.getContext() is before
        reread.apply()
        assert desk.tls.getContext() is not before
        assert desk.tls.fingerprint == second.fingerprint != first
        (tmp_path / KEY).write_text("x")
        with pytest.raises(BadSettings, match=r"no TLS with .*: cert\.pem and key\.pem do not belong together"):
            desk.writes("[limits]\nburst = 4\n")
        assert desk.adopted[-1].limits.burst == 3


class AdoptTests:
    def test_who_comes_from_then_on(self, clockwork: Clockwork) -> None:
        """They are granted what holds now; who is here stays, and keeps what they had."""
        ann = clockwork.enter("ann", "203.0.113.7")
        changes = ["limits.burst=3", "limits.nick_seconds=1", "history.replay=1", "limits.connections_per_address=1"]
        adopt(load(None, [*changes, "accounts.register=closed", "history.keep=1h"]), clockwork.factory)
        ann.types("one", "two")
        bob = clockwork.program("bob")
        [hello] = bob.hears()
        assert isinstance(hello["limits"], dict)
        assert hello["keep"] == "1h"
        bob.asks(op="join", room="#lobby")
        assert [event["text"] for event in bob.hears() if event["ev"] == "said"] == ["two"]
        assert clockwork.factory.terms.burst == 3
        ann.types("/register")
        assert "no new members" in ann.sees()[-1]
        first, second = (clockwork.connect("203.0.113.9") for _ in range(2))
        clockwork.wait(1.5)
        assert any("connections without a name" in line for line in second.sees())
        assert first.sees()


class GuestsTests:
    def test_who_is_put_out_is_told_why(self, clockwork: Clockwork) -> None:
        """Persons, where what they type goes now, too; programs in the room's own order."""
        boss, gus, bot = clockwork.admin("boss"), clockwork.enter("gus"), clockwork.program("bot")
        bot.asks(op="join", room="#lobby")
        bot.hears()
        clockwork.chat._reread = lambda: Reread(("rooms.guests",), (), "none", lambda: None)
        for each in (boss, gus):
            each.sees()
        boss.types("/reload")
        why = "-- boss had the settings read again: rooms.guests changed."
        assert gus.sees() == [why, "-- You are in no room: /join one."]
        assert [event["ev"] for event in bot.hears()] == ["reloaded"]
        assert boss.sees()[:3] == [why, "gus left!", "bot left!"]


class HangupTests:
    """SIGHUP, as it comes to the process."""

    @pytest.fixture(autouse=True)
    def handler(self) -> Iterator[None]:
        """Have the handler of before again."""
        before = signal.getsignal(signal.SIGHUP)
        yield
        signal.signal(signal.SIGHUP, before)

    @pytest.fixture
    def calls(self) -> list[str]:
        return []

    def hangups(self, calls: list[str]) -> Hangups:
        return Hangups(
            reload=lambda: calls.append("reload"), stop=lambda: calls.append("stop"), soon=lambda call: call()
        )

    def test_each_one_reads_them_again(self, calls: list[str]) -> None:
        """And none while it ends, which it would end otherwise."""
        hangups = self.hangups(calls)
        hangups.startService()
        for _ in range(2):
            os.kill(os.getpid(), signal.SIGHUP)
        hangups.stopService()
        os.kill(os.getpid(), signal.SIGHUP)
        assert calls == ["reload", "reload"]

    def test_a_terminal_that_is_gone(self, calls: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
        """It ends what was started in it; as long as the terminal is there it is a signal like any other."""
        terminal = [True, True, False]
        monkeypatch.setattr(os, "isatty", lambda _: terminal.pop(0))
        hangups = self.hangups(calls)
        hangups.startService()
        for _ in range(2):
            os.kill(os.getpid(), signal.SIGHUP)
        assert calls == ["reload", "stop"]


class SignalTests:
    def test_what_is_wrong_is_logged(self, clockwork: Clockwork) -> None:
        """Nobody waits for an answer; the chat goes on."""

        def wrong() -> Reread:
            raise BadSettings("The settings stay as they are: x")

        clockwork.chat._reread = wrong
        with logged() as lines:
            Deferred.fromCoroutine(reloading.reload(clockwork.chat, clockwork.now()))
        assert lines == ["The settings stay as they are: x"]
