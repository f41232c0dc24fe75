from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from twisted.internet.defer import Deferred

from tests.client.helpers import FakeLink, Json, outcome, said
from twistedchat.client.since import Since, before, since
from twistedchat.client.tail import Tail
from twistedchat.client.wire import Reply, decode

if TYPE_CHECKING:
    from collections.abc import Awaitable

NOON = "2026-11-22T12:00:00.000Z"


def at(second: int) -> str:
    return f"2026-11-22T12:00:{second:02}.000Z"


class SinceTests:
    @pytest.mark.parametrize(
        ("text", "start"),
        [
            ("10m", "2026-11-22T11:50:00.000Z"),
            ("1h30m", "2026-11-22T10:30:00.000Z"),
            ("7d", "2026-11-15T12:00:00.000Z"),
            ("0s", NOON),
            ("2026-11-22T19:04:20Z", "2026-11-22T19:04:20.000Z"),
            ("all", ""),
            ("999999w", ""),
        ],
    )
    def test_what_may_be_given(self, text: str, start: str) -> None:
        assert since(text).start(NOON) == start

    def test_days_and_times_are_those_of_this_computer(self) -> None:
        today = datetime.now().astimezone()
        assert since("2026-11-22") == Since(time=datetime(2026, 11, 22).astimezone())
        assert since("00:00").time in {
            day.replace(hour=0, minute=0, second=0, microsecond=0) for day in (today, datetime.now().astimezone())
        }

    def test_without_the_servers_time_ours_counts(self) -> None:
        ago = datetime.now(UTC) - datetime.fromisoformat(since("1h").start(""))
        assert timedelta(minutes=59) < ago < timedelta(minutes=61)

    @pytest.mark.parametrize("text", ["", "10", "m", "25:99", "1y", "yesterday", "-1m", "10m ago"])
    def test_what_may_not(self, text: str) -> None:
        with pytest.raises(ValueError, match="is no time: 10m"):
            since(text)


class BeforeTests:
    def before(self, start: str, *stored: Json) -> tuple[int, int]:
        """Return what is found among those events, and after how many questions."""
        asked: list[int] = []

        def ask(after: int, limit: int) -> Awaitable[Reply]:
            asked.append(after)
            entries = [event for event in stored if event["seq"] > after][:limit]
            answered: Deferred[Reply] = Deferred()
            answered.callback(decode(json.dumps({"ev": "ok", "entries": entries}).encode()))  # type: ignore[arg-type]
            return answered

        head = stored[-1]["seq"] if stored else 0
        return outcome(Deferred.fromCoroutine(before(start, head, ask))), len(asked)

    def test_it_is_found_wherever_it_is(self) -> None:
        stored = [said(n, "", at=at(n)) for n in range(1, 60)]
        assert [self.before(at(n), *stored)[0] for n in range(1, 60)] == list(range(59))
        assert self.before("2027", *stored)[0] == 59
        assert self.before("", *stored)[0] == 0

    def test_a_few_questions_are_enough(self) -> None:
        stored = [said(n, "", at=at(n // 100)) for n in range(1, 6000)]
        found, questions = self.before(at(30), *stored)
        assert found == 2999
        assert questions <= 13

    def test_what_is_forgotten_or_hidden_is_passed_over(self) -> None:
        stored = [{"ev": "hidden", "room": "#lobby", "seq": n, "id": n, "at": at(n)} for n in range(30, 60)]
        assert self.before(at(40), *stored)[0] == 39
        assert self.before(at(10), *stored)[0] <= 29

    def test_in_an_empty_room_nothing_is_asked(self) -> None:
        assert self.before(at(1)) == (0, 0)


class TailSinceTests:
    def setup_method(self) -> None:
        self.printed: list[str] = []
        self.tail = Tail(
            "#lobby",
            lambda line: self.printed.append(json.loads(line)["text"]),
            lambda _words: None,
            as_json=True,
            since=since("30s"),
        )
        self.link = FakeLink(self.tail.session)
        self.link.start()
        self.link.now.says({"ev": "pong", "n": 0})
        self.tail.session.enter("tail")
        self.tail.session.join("#lobby")

    def enters(self, head: int) -> Deferred[None]:
        """Come in at second 40, when something was said each second."""
        self.link.now.welcomes("tail", time=at(40))
        replay = [said(n, str(n), at=at(n)) for n in range(max(1, head - 19), head + 1)]
        self.link.now.lets_in(head, *replay)
        self.stored = [said(n, str(n), at=at(n)) for n in range(1, head + 1)]
        return Deferred.fromCoroutine(self.tail.go_back())

    def answers(self) -> None:
        """Answer what is asked for until nothing is."""
        answered = -1
        while answered != len(self.link.now.asked("history")):
            answered = len(self.link.now.asked("history"))
            asked = self.link.now.last("history")
            page = [event for event in self.stored if event["seq"] > asked["after"]][: asked["limit"]]
            self.link.now.answers("history", ev="ok", entries=page)

    def test_all_since_then_is_printed_once_and_what_is_said_meanwhile_comes_after_it(self) -> None:
        going = self.enters(39)
        self.link.now.says(said(40, "meanwhile"))
        assert self.printed == []
        self.answers()
        self.link.now.says(said(41, "live"))
        assert self.printed == [*map(str, range(10, 40)), "meanwhile", "live"]
        assert going.called

    def test_a_broken_connection_changes_nothing(self) -> None:
        self.enters(39)
        self.link.breaks()
        self.link.connect()
        self.link.now.welcomes("tail", time=at(40))
        self.link.now.lets_in(40, said(40, "meanwhile"))
        self.answers()
        assert self.printed == [*map(str, range(10, 40)), "meanwhile"]

    def test_another_room_is_heard_from_its_beginning(self) -> None:
        self.enters(39)
        self.tail.displaced("#lobby", anew=True)
        self.link.now.answers("history", ev="ok", entries=[])
        self.answers()
        assert self.printed == []

    def test_nothing_was_said_yet(self) -> None:
        self.enters(0)
        self.link.now.says(said(1, "first"))
        assert self.printed == ["first"]
