from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from random import Random
from typing import TYPE_CHECKING

import pytest

from bench import checks, corpus, past
from bench.asker import Asked, Question
from bench.build import build
from bench.generator import Generator, Step
from bench.statistics import quantile
from bench.talk import Stage
from twistedchat.chat.errors import Muted
from twistedchat.chat.log import Search
from twistedchat.chat.sanctions import Sanction
from twistedchat.store.files import scripts
from twistedchat.store.readers import Readers

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from twistedchat.chat.chat import Chat
    from twistedchat.chat.events import Entry

MESSAGES = 600
WHERE = {corpus.stream(number): 0 for number in range(corpus.ROOMS)}


class ChecksTests:
    @pytest.fixture
    def chat(self, tmp_path: Path) -> Iterator[Chat]:
        chat = checks.make_chat(tmp_path)
        yield chat
        chat.log.stop()

    def test_everybody_who_is_measured_may_talk(self, chat: Chat) -> None:
        """Who is refused costs something else."""
        for case in checks.cases(chat):
            chat.access.check_talk(case.session, case.room, checks.NOW)
            assert case.room.spoken[case.session.by] == checks.NOW

    def test_the_mutes_that_they_pass_hold(self, chat: Chat) -> None:
        case = checks.cases(chat)[1]
        case.room.mutes.add(Sanction("Member", (case.session.by,), "Ann", checks.NOW))
        with pytest.raises(Muted):
            chat.access.check_talk(case.session, case.room, checks.NOW)

    def test_each_case_is_a_row_and_only_the_whole_has_a_limit(self, tmp_path: Path) -> None:
        costs = checks.run(tmp_path, calls=2, runs=3)
        assert all(0 < cost.min_us <= cost.median_us for cost in costs)
        assert sum(cost.limit_us is not None for cost in costs) == 3
        assert len(checks.table(costs).splitlines()) == 2 + 2 + len(costs)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return corpus.past_in(tmp_path_factory.mktemp("past"), MESSAGES, lambda _: None)


class CorpusTests:
    def test_everything_is_stored_and_in_the_index(self, database: Path) -> None:
        with closing(sqlite3.connect(database)) as db:
            assert db.execute("SELECT count(*) FROM entry").fetchone() == (MESSAGES,)
            assert db.execute("SELECT count(*) FROM found").fetchone() == (MESSAGES,)
            assert db.execute("SELECT count(*) FROM stream WHERE head > indexed").fetchone() == (0,)

    def test_one_that_is_there_is_taken(self, database: Path) -> None:
        said: list[str] = []
        assert corpus.past_in(database.parent, MESSAGES, said.append) == database
        assert "is there" in said[0]

    def test_one_that_was_not_finished_is_built_anew(self, tmp_path: Path) -> None:
        (tmp_path / f"past-5-{len(scripts())}.part").write_text("half")
        assert corpus.past_in(tmp_path, 5, lambda _: None).exists()
        assert len(list(tmp_path.iterdir())) == 1

    def test_no_two_words_are_the_same(self) -> None:
        assert len({corpus.word(rank) for rank in range(corpus.WORDS)}) == corpus.WORDS
        assert len({corpus.han_word(rank) for rank in range(corpus.HAN_WORDS)}) == corpus.HAN_WORDS

    @pytest.mark.parametrize("word", [corpus.word(0), corpus.word(1)[:3] + "*", corpus.han_word(0)])
    def test_what_is_looked_for_is_there(self, database: Path, word: str) -> None:
        readers = Readers(database)
        found: Sequence[Entry] = readers.search(Search((word,), WHERE))
        readers.close()
        assert found


STEP = Step("open", 200.0, 1.0, 0.5, 0.1, 1000, 200, 1, 0.5, 60.0, 70.0, followed=True)


class PastTests:
    def test_a_real_daemon_answers_all_of_it_while_others_talk(self, database: Path, tmp_path: Path) -> None:
        """Nothing is refused, the pages are full, and the database is left as it was."""
        if shutil.which("cc") is None:
            pytest.skip("the load generator needs a C compiler")
        before = database.read_bytes()
        stage = Stage(Generator(build("load", tmp_path), None), None, tmp_path, lambda _: None)
        measured = past.run(stage, database, MESSAGES, seconds=0.3, repeats=1)
        assert {each.question.name for each in measured.asked} == {each.name for each in past.questions(MESSAGES)}
        assert not [each for each in measured.asked if each.refused]
        assert {each.found for each in measured.asked if each.question.name == "history: the last 20"} == {20}
        assert [len(steps) for steps in measured.talk.values()] == [1, 1]
        assert all(step.deliveries > 0 for steps in measured.talk.values() for step in steps)
        assert database.read_bytes() == before

    def test_a_question_is_put_in_other_words_each_time(self) -> None:
        random = Random(1)
        for question in past.questions(MESSAGES):
            assert len({str(question.make(random)) for _ in range(50)}) > 1

    def test_the_table_says_what_is_not_met(self) -> None:
        question = Question("history", 5.0, lambda _: {})
        asked = [Asked(question, ms, 20) for ms in (1.0, 2.0, 9.0)]
        shown = " ".join(past.tables(past.Past(7, asked, {past.ALONE: [STEP]})).split())
        assert "| history | 3 | 20 | 0 | 2.00 | 9.00 | 9.0 | 5 | NO |" in shown
        assert "| nobody asks | 0.50 | 60.00 | 70.0 | 50 | NO | NO |" in shown

    def test_ninety_nine_of_a_hundred_are_no_more_than_the_p99(self) -> None:
        assert quantile(list(range(1, 101)), 0.99) == 99
        assert quantile([3.0], 0.99) == 3.0
