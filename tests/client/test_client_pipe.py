from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport

from tests.client.helpers import FakeLink, Json, act, outcome
from twistedchat.client.arrive import arrive
from twistedchat.client.exits import NOT_PRIVATE, NOT_STORED, NOT_WELCOME, FatalError, Place
from twistedchat.client.options import Options
from twistedchat.client.pipe import IN_FLIGHT, PATIENCE_SECONDS, Sender
from twistedchat.client.stdio import Lines
from twistedchat.client.tail import Tail

if TYPE_CHECKING:
    from collections.abc import Iterator

    from twistedchat.client import wire


class LinesTests:
    def setup_method(self) -> None:
        self.taken: list[tuple[int, bytes]] = []
        self.ends = 0
        self.lines = Lines(lambda number, line: self.taken.append((number, line)), self.ended)
        self.pipe = StringTransport()
        self.lines.makeConnection(self.pipe)

    def ended(self) -> None:
        self.ends += 1

    def test_lines_are_numbered_and_the_last_may_lack_its_end(self) -> None:
        self.lines.dataReceived(b"one\ntwo\r\n\nfo")
        self.lines.dataReceived(b"ur")
        self.lines.readConnectionLost()
        assert self.taken == [(1, b"one"), (2, b"two"), (3, b""), (4, b"four")]
        assert self.ends == 1

    def test_nothing_is_taken_while_there_is_a_reason_not_to(self) -> None:
        self.lines.hold("window")
        self.lines.pauseProducing()
        self.lines.dataReceived(b"one\ntwo")
        self.lines.readConnectionLost()
        self.lines.release("window")
        assert (self.taken, self.ends) == ([], 0)
        self.lines.resumeProducing()
        assert (self.taken, self.ends) == ([(1, b"one"), (2, b"two")], 1)

    def test_a_line_without_an_end_is_the_last(self) -> None:
        self.lines.MAX_LENGTH = 10
        self.lines.dataReceived(b"one\n" + b"x" * 50)
        self.lines.dataReceived(b"x\nmore\n")
        assert [number for number, _ in self.taken] == [1, 2]
        assert self.ends == 1

    def test_who_does_not_read_the_acknowledgements_still_has_their_lines_sent(self) -> None:
        self.lines.writeConnectionLost()
        self.lines.dataReceived(b"one\n")
        assert self.taken == [(1, b"one")]

    def test_nothing_is_left_to_be_printed_when_nobody_reads_it_or_the_pipe_is_over(self) -> None:
        assert not self.lines.closed.called
        self.lines.writeConnectionLost()
        assert self.lines.closed.called
        self.lines.connectionLost()


class SenderTests:
    @pytest.fixture(autouse=True)
    def sender_in_a_room(self) -> Iterator[None]:
        self.clock = Clock()
        self.reports: list[str] = []
        self.acked: list[wire.Ack] = []
        self.sender = Sender(self.clock, self.reports.append, self.acked.append)
        self.sender.room = "#lobby"
        self.link = FakeLink(self.sender.session)
        self.link.start()
        self.link.now.says({"ev": "pong", "n": 0})
        self.sender.session.enter("ci")
        self.link.now.welcomes("ci")
        self.link.now.lets_in()
        self.stdin = StringTransport()
        self.sender.lines.makeConnection(self.stdin)
        yield
        assert self.clock.getDelayedCalls() == []

    def pipes(self, *lines: str, end: bool = True) -> None:
        self.sender.lines.dataReceived("".join(f"{line}\n" for line in lines).encode())
        if end:
            self.sender.lines.readConnectionLost()

    @property
    def said(self) -> list[Json]:
        return self.link.now.asked("say")

    @property
    def status(self) -> object:
        return outcome(self.sender.finished)

    def comes_back(self) -> None:
        self.link.connect()
        self.link.now.welcomes("ci")
        self.link.now.lets_in()

    def test_status_0_means_that_every_line_was_acknowledged(self) -> None:
        self.pipes("one", "two")
        assert [say["text"] for say in self.said] == ["one", "two"]
        self.link.now.acks(self.said[0])
        assert self.status is None
        self.link.now.acks(self.said[1])
        assert self.status == 0
        assert [ack.cid for ack in self.acked] == [say["cid"] for say in self.said]

    def test_empty_lines_and_an_empty_pipe_say_nothing(self) -> None:
        self.pipes("", "   ")
        assert (self.said, self.status) == ([], 0)

    def test_a_line_that_looks_like_a_command_is_a_line(self) -> None:
        self.pipes("/usr/bin/true failed", end=False)
        assert self.said[0]["text"] == "/usr/bin/true failed"

    def test_a_refused_line_is_named_and_the_others_go_on(self) -> None:
        self.pipes("one", "two", "three")
        self.link.now.acks(self.said[0])
        self.link.now.says({"ev": "error", "ref": self.said[1]["ref"], "code": "too_long", "text": "Too\x1b long."})
        self.link.now.acks(self.said[2])
        assert self.reports == ["line 2 was not stored: Too␛ long."]
        assert self.status == NOT_STORED

    def test_what_is_not_utf_8_is_refused_here(self) -> None:
        self.sender.lines.dataReceived(b"\xff\xfe\n")
        self.sender.lines.readConnectionLost()
        assert self.reports == ["line 1 was not stored: it is not UTF-8."]
        assert self.status == NOT_STORED

    def test_many_refusals_are_counted(self) -> None:
        for _ in range(30):
            self.sender.lines.dataReceived(b"\xff\n")
        self.sender.lines.readConnectionLost()
        assert self.reports[-1] == "30 lines were not stored."
        assert len(self.reports) == 21

    def test_no_more_than_a_window_is_in_flight(self) -> None:
        self.pipes(*(f"line {n}" for n in range(1000)), end=False)
        assert len(self.said) == IN_FLIGHT
        assert self.stdin.producerState == "paused"
        answered = 0
        while answered < 1000:
            self.link.now.acks(*self.said[answered : answered + 100])
            answered = min(answered + 100, len(self.said))
            assert len(self.said) - answered <= IN_FLIGHT
        self.sender.lines.readConnectionLost()
        assert self.status == 0
        assert [say["text"] for say in self.said] == [f"line {n}" for n in range(1000)]

    def test_lines_that_waited_for_the_server_are_stored_when_it_is_back(self) -> None:
        self.pipes("one", "two")
        before = self.said
        self.link.now.acks(before[0])
        self.link.breaks()
        self.clock.advance(PATIENCE_SECONDS - 1)
        self.comes_back()
        assert [say["cid"] for say in self.said] == [before[1]["cid"]]
        self.link.now.acks(*self.said)
        assert (self.status, self.reports) == (0, [])

    def test_patience_ends_and_the_first_line_is_named(self) -> None:
        self.pipes("one", "two", "three")
        self.link.now.acks(self.said[0])
        self.link.breaks()
        self.clock.advance(PATIENCE_SECONDS)
        assert self.reports == ["line 2 (and 1 more) was not acknowledged: the server has been away for 30 s"]
        assert self.status == NOT_STORED

    def test_an_absence_in_which_nothing_waits_may_last(self) -> None:
        self.link.breaks()
        self.clock.advance(1000)
        assert self.status is None
        self.pipes("one")
        self.clock.advance(PATIENCE_SECONDS)
        assert self.status == NOT_STORED

    def test_being_thrown_out_names_what_was_not_acknowledged(self) -> None:
        self.pipes("one")
        self.link.now.says({"ev": "bye", "code": "banned", "text": "Enough."})
        assert self.reports == ["line 1 was not acknowledged: Enough."]
        assert self.status == NOT_WELCOME

    def test_being_put_out_of_the_room_is_the_end(self) -> None:
        self.pipes("one", end=False)
        self.link.now.says(act("kicked", 1, who="ci"))
        put_out = "You are not in #lobby any more: somebody has put you out of it, or it is gone."
        assert self.reports == [f"line 1 was not acknowledged: {put_out}"]
        assert self.status == NOT_WELCOME

    def test_a_room_that_is_renamed_is_still_the_one(self) -> None:
        self.link.now.says(act("room_renamed", 1, was="#lobby", to="#foyer"))
        self.pipes("one")
        assert self.said[0]["room"] == "#foyer"

    def test_one_text_is_one_message_whatever_is_in_it(self) -> None:
        self.sender.say("one\ntwo")
        self.sender.lines.readConnectionLost()
        assert [say["text"] for say in self.said] == ["one\ntwo"]
        assert not self.sender.finished.called
        self.link.now.acks(*self.said)
        assert (self.status, self.reports) == (0, [])

    def test_one_text_that_is_refused_has_no_number(self) -> None:
        self.sender.say(" ")
        self.sender.lines.readConnectionLost()
        self.link.now.answers("say", ev="error", code="bad_text", text="There is nothing in it.")
        assert (self.status, self.reports) == (NOT_STORED, ["that was not stored: There is nothing in it."])

    def test_preferences_change_nothing(self) -> None:
        self.link.now.says({"ev": "prefs", "time": True})
        assert self.reports == []


class ArrivingTests:
    def arrive(self, *, private: bool = True, **options: object) -> Deferred[str]:
        self.tail = Tail("#ops", lambda _line: None, lambda _words: None, as_json=False)
        self.link = FakeLink(self.tail.session, private=private)
        wanted = Options(Place("h", 1), **{"nick": "ci", **options})  # type: ignore[arg-type]
        arriving = Deferred.fromCoroutine(arrive(wanted, self.tail.session, self.link, wanted.room))  # type: ignore[arg-type]
        self.link.now.says({"ev": "pong", "n": 0})
        return arriving

    def test_the_lobby_is_where_one_arrives(self) -> None:
        arriving = self.arrive()
        self.link.now.welcomes("ci", lobby="#foyer")
        self.link.now.lets_in(room="#foyer")
        assert outcome(arriving) == "#foyer"

    def test_a_room_that_is_asked_for_is_the_only_one(self) -> None:
        arriving = self.arrive(room="#Ops")
        self.link.now.welcomes("ci")
        self.link.now.lets_in(room="#ops")
        assert outcome(arriving) == "#ops"
        assert len(self.link.now.asked("join")) == 1

    def test_nothing_is_said_where_others_can_read_it(self) -> None:
        arriving = self.arrive(private=False)
        assert outcome(arriving).status == NOT_PRIVATE
        assert self.link.now.ops() == ["ping"]

    def test_unless_that_is_wanted(self) -> None:
        self.arrive(private=False, insecure=True)
        assert self.link.now.ops() == ["ping", "hello"]

    def test_a_taken_name_becomes_the_suggested_one_and_that_is_told(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        self.arrive()
        self.link.now.answers("hello", ev="error", code="nick_taken", text="ci is here already.", suggest="ci2")
        assert self.link.now.last("hello")["nick"] == "ci2"
        assert capsys.readouterr().err == "tcpchat-client: ci is here already. Going on as ci2.\n"

    def test_a_name_that_cannot_be_had_is_the_end(self) -> None:
        arriving = self.arrive()
        self.link.now.answers("hello", ev="error", code="bad_nick", text="root is reserved.")
        why = outcome(arriving)
        assert isinstance(why, FatalError)
        assert (why.status, why.words) == (NOT_STORED, "root is reserved. Choose another with --nick")

    def test_the_password_of_the_name_goes_along(self) -> None:
        self.arrive(token="sesame")
        assert self.link.now.last("hello")["token"] == "sesame"
        self.link.now.answers("hello", ev="error", code="nick_taken", text="ci is here.", suggest="ci2")
        assert "token" not in self.link.now.last("hello")

    @pytest.mark.parametrize(
        ("token", "code", "words"),
        [
            ("", "nick_owned", "Refused. Give the password in TCPCHAT_TOKEN, or choose another name with --nick"),
            ("wrong", "bad_login", "Refused. The password is taken from TCPCHAT_TOKEN."),
        ],
    )
    def test_without_the_right_one_it_is_the_end(self, token: str, code: str, words: str) -> None:
        arriving = self.arrive(token=token)
        self.link.now.answers("hello", ev="error", code=code, text="Refused.")
        assert (outcome(arriving).status, outcome(arriving).words) == (NOT_STORED, words)

    @pytest.mark.parametrize(("code", "status"), [("banned", NOT_WELCOME), ("no_room", NOT_STORED)])
    def test_a_room_that_cannot_be_entered_is_the_end(self, code: str, status: int) -> None:
        arriving = self.arrive(room="#ops")
        self.link.now.welcomes("ci")
        self.link.now.answers("join", ev="error", code=code, text="No.")
        assert (outcome(arriving).status, outcome(arriving).words) == (status, "#ops: No.")
