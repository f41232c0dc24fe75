"""The daemon is ended at any moment while people and programs talk, and the harness that looks at that."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.end_to_end.crash.harness import Harness, Plan

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.end_to_end.crash.book import Book

KILLS, KILLS_SOAKED = 10, 200
BROKEN = Path(__file__).with_name("broken")
JUMPING = Path(__file__).with_name("jumping.py")


def ended(folder: Path, kills: int, *, program: Path | None = None, look_every: int = 1) -> Book:
    """Return what was found when every second end was a SIGTERM."""
    prefix = (sys.executable, str(program)) if program else ()
    return Harness(folder, Plan(kills, seed=kills, prefix=prefix, look_every=look_every)).run()


def hold(book: Book) -> None:
    """See that there was traffic of every kind and none of the ten faults."""
    assert book.lacks == []
    assert not book.findings.found, f"{book.findings.counts} {book.findings.examples}"
    assert book.traffic["unanswered"] == 0, "asked to end, it said goodbye without an answer to what it had stored"


class CrashTests:
    """Everything that was seen is there in the end, once, as it was seen and in that order."""

    def test_ended_at_any_moment(self, tmp_path: Path) -> None:
        """By SIGKILL and by SIGTERM in turns; everybody comes back and goes on."""
        hold(ended(tmp_path, KILLS))

    def test_while_the_clock_is_set_back_again_and_again(self, tmp_path: Path) -> None:
        """Order, numbers and timers do not go by it, and the time that is shown never runs backwards."""
        hold(ended(tmp_path, KILLS // 2, program=JUMPING))

    @pytest.mark.soak
    def test_ended_very_often(self, tmp_path: Path) -> None:
        """The same, for as long as it takes; ``python -m tests.end_to_end.crash --kills 1000`` for longer."""
        hold(ended(tmp_path, KILLS_SOAKED, look_every=10))


class BrokenServerTests:
    """The harness sees what a server does wrong."""

    @pytest.mark.parametrize(
        ("server", "fault"),
        [
            ("acks_early", "lost"),
            ("shows_early", "phantom"),
            ("repeats", "duplicated"),
            ("leaves_gaps", "missed"),
            ("reorders", "disorder"),
            ("dies", "died"),
        ],
    )
    def test_is_caught(self, tmp_path: Path, server: str, fault: str) -> None:
        """Each by the fault that it is, after a few kills."""
        plan = Plan(3, seed=3, prefix=(sys.executable, str(BROKEN / f"{server}.py")), hows=KILLED_ONLY)
        assert fault in Harness(tmp_path, plan).run().findings.found


KILLED_ONLY: Sequence[signal.Signals] = (signal.SIGKILL,)
