from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import msgspec
import pytest
from msgspec.structs import replace

from bench import resume
from bench.build import build
from bench.errors import BenchError
from bench.generator import Generator, Step
from bench.talk import Stage

if TYPE_CHECKING:
    from pathlib import Path

MISSED = 30
FIRST, LAST = resume.SEEN + 1, resume.SEEN + MISSED
STEP = Step("open", 20.0, 1.0, 0.5, 0.1, 200, 200, 1, 0.5, 60.0, 70.0, followed=True)


def said(seq: int) -> dict[str, str | int]:
    return {"ev": "said", "room": "#lobby", "seq": seq, "nick": resume.NICK, "text": resume.text_of(seq)}


def told(*, later: int = 0) -> list[dict[str, str | int]]:
    """Return what an honest server tells a reader, to whom somebody says something meanwhile."""
    talk = [{**said(LAST + 1 + n), "nick": "u00000", "text": "hi"} for n in range(later)]
    past = [said(seq) for seq in range(FIRST, LAST + 1)]
    return [{"ev": "ok"}, *past, *talk, {"ev": "live", "seq": LAST + later}]


def check(lines: list[dict[str, str | int]]) -> None:
    resume.check(b"".join(msgspec.json.encode(line) + b"\n" for line in lines), MISSED)


class CheckTests:
    @pytest.mark.parametrize("later", [0, 3])
    def test_an_honest_server_tells_everything_that_was_missed(self, later: int) -> None:
        """What is said meanwhile comes, too."""
        check(told(later=later))

    def test_no_message_may_be_missing(self) -> None:
        lines = told()
        del lines[5]
        with pytest.raises(BenchError, match=f"{FIRST + 5} came after {FIRST + 3}"):
            check(lines)

    def test_not_even_the_last(self) -> None:
        lines = told()
        del lines[-2]
        with pytest.raises(BenchError, match="live from"):
            check(lines)

    def test_none_may_come_twice_or_too_early(self) -> None:
        lines = told()
        with pytest.raises(BenchError, match="came after"):
            check([*lines[:3], *lines[2:]])
        with pytest.raises(BenchError, match="came after"):
            check([lines[0], lines[2], lines[1], *lines[3:]])

    def test_what_was_seen_before_is_not_wanted(self) -> None:
        with pytest.raises(BenchError, match=f"{FIRST - 1} came after {FIRST - 1}"):
            check([said(FIRST - 1), *told()])

    @pytest.mark.parametrize("damage", [{"text": "x"}, {"nick": "Other"}])
    def test_each_must_be_what_was_said(self, damage: dict[str, str | int]) -> None:
        lines = told()
        lines[4] |= damage
        with pytest.raises(BenchError, match="damaged"):
            check(lines)

    def test_it_must_become_live(self) -> None:
        with pytest.raises(BenchError, match="never"):
            check(told()[:-1])

    def test_a_refusal_ends_it_with_its_words(self) -> None:
        with pytest.raises(BenchError, match="too far"):
            check([{"ev": "error", "text": "too far"}, *told()])

    def test_no_two_messages_are_alike(self) -> None:
        texts = {resume.text_of(seq) for seq in range(1000)}
        assert len(texts) == 1000
        assert {len(text) for text in texts} == {64}


class ResumeTests:
    def test_a_real_daemon_tells_all_of_it_while_two_talk(self, tmp_path: Path) -> None:
        """It does so at least once, and nobody waits for ever."""
        if shutil.which("cc") is None:
            pytest.skip("the load generator needs a C compiler")
        stage = Stage(Generator(build("load", tmp_path), None), None, tmp_path, lambda _: None)
        measured = resume.run(stage, 500, seconds=0.3, repeats=1)
        assert measured.seconds
        assert [len(steps) for steps in measured.talk.values()] == [1, 1]
        assert all(step.deliveries > 0 for steps in measured.talk.values() for step in steps)

    def test_the_table_says_what_is_not_met(self) -> None:
        measured = resume.Resumes(
            7, [1.0, 2.0, 9.0], {resume.ALONE: [STEP], resume.RESUMED: [replace(STEP, p99_ms=40.0)]}
        )
        shown = " ".join(resume.tables(measured).split())
        assert "| 7 messages | 3 | 2.00 | 9.00 | 3 | NO |" in shown
        assert "| nobody resumes | 0.50 | 60.00 | 70.0 | 50 | NO | NO |" in shown
        assert "| somebody resumes all the time | 0.50 | 40.00 | 70.0 | 50 | yes | NO |" in shown
