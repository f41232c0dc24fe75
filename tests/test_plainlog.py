"""What is seen where it runs in the foreground."""

from __future__ import annotations

import sys
from io import StringIO

import pytest
from twisted.logger import ILogObserver, Logger, LogLevel
from twisted.python.failure import Failure
from zope.interface.verify import verifyObject

from twistedchat.plainlog import Plain, observer


class Screen:
    """A log whose lines come to two strings."""

    def __init__(self) -> None:
        self.out, self.err = StringIO(), StringIO()
        self.plain = Plain(self.out, self.err)

    def logger(self, namespace: str) -> Logger:
        return Logger(namespace, observer=self.plain)


@pytest.fixture
def screen() -> Screen:
    """Give a screen on which nothing stands yet."""
    return Screen()


class PlainTests:
    """Our own lines as they are, and whatever goes wrong."""

    def test_our_lines_have_no_prefix(self, screen: Screen) -> None:
        """What we say stands there as we say it."""
        screen.logger("tcpchat.people").info("{nick} joined ({host})", nick="ann", host="127.0.0.1")
        assert (screen.out.getvalue(), screen.err.getvalue()) == ("ann joined (127.0.0.1)\n", "")

    def test_what_others_tell_is_not_shown(self, screen: Screen) -> None:
        """Neither twistd's nor the factories' news are for the screen."""
        screen.logger("twisted.application").info("reactor class: some")
        screen.plain({"log_format": "no namespace, no level"})
        assert (screen.out.getvalue(), screen.err.getvalue()) == ("", "")

    @pytest.mark.parametrize("namespace", ["tcpchat", "twisted.internet"])
    @pytest.mark.parametrize("level", [LogLevel.warn, LogLevel.error, LogLevel.critical])
    def test_what_is_wrong_is_shown_whoever_says_it(self, screen: Screen, namespace: str, level: object) -> None:
        """It goes where errors go."""
        screen.logger(namespace).emit(level, "the disk is {state}", state="full")  # type: ignore[arg-type]
        assert screen.out.getvalue() == ""
        assert screen.err.getvalue().rstrip("\n").endswith("the disk is full")

    def test_a_fault_has_its_traceback(self, screen: Screen) -> None:
        """What nobody foresaw can be found."""
        screen.logger("tcpchat.log").failure("the writer failed", Failure(ZeroDivisionError()))
        assert "the writer failed" in screen.err.getvalue()
        assert "ZeroDivisionError" in screen.err.getvalue()

    def test_it_writes_to_the_real_screen(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Not into the log that twistd has put in the place of stdout: it would come round for ever."""
        out = StringIO()
        monkeypatch.setattr(sys, "__stdout__", out)
        plain = observer()
        verifyObject(ILogObserver, plain)
        Logger("tcpchat", observer=plain).info("ready")
        assert out.getvalue() == "ready\n"
