from __future__ import annotations

import pytest

from tests.client.helpers import FakeConnection, entered_session, outcome, reconnect
from tests.client.seat import Seated
from twistedchat.client.exchange import GivenUpError, RefusedError
from twistedchat.client.exits import NOT_STORED

TORN = {"ev": "ok", "people": [{"nick": "ann"}]}


class RepeatingTests:
    @pytest.mark.parametrize(
        "line", ["/me waves", "/ME waves", "/ me waves", "/msg b x", "/m b x", "/tell b x", "/r x"]
    )
    def test_what_the_server_knows_again_is_repeated(self, line: str) -> None:
        """Words are repeated under their cid, however they were given."""
        session, _, connection = entered_session()
        answer = session.command("#lobby", line)
        another = reconnect(session, connection)
        another.lets_in()
        assert another.last("command") == {**connection.last("command"), "ref": another.last("command")["ref"]}
        assert outcome(answer) is None

    @pytest.mark.parametrize("op", ["say", "emote", "dm", "history"])
    def test_so_is_what_programs_say_and_look_up(self, op: str) -> None:
        """Words are repeated, and what changes nothing."""
        session, _, connection = entered_session()
        session.sends.submit({"op": op})
        another = reconnect(session, connection)
        another.lets_in()
        assert len(another.asked(op)) == 1

    @pytest.mark.parametrize("line", ["/ban bob", "/register sesame12", "/topic x", "/claim x", "/who", "/mee", "/"])
    def test_any_other_command_is_sent_once(self, line: str) -> None:
        """What may have been done is not done again, and whoever asked for it is told so at once."""
        session, heard, connection = entered_session()
        answer = session.command("#lobby", line)
        session.disconnected(connection)
        why = outcome(answer)
        assert isinstance(why, GivenUpError)
        assert (why.sent, str(why)) == (True, "not known to be stored: the connection broke.")
        another = FakeConnection(session)
        session.connected(another)
        another.welcomes()
        another.lets_in()
        assert another.asked("command") == []
        assert heard.told[-1] == ("back", "")
        assert outcome(session.sends.idle()) is None

    def test_what_was_not_sent_yet_is_sent_when_the_server_is_back(self) -> None:
        """A command that waited for the server is done once, even if the first connection is of no use."""
        session, _, connection = entered_session()
        session.disconnected(connection)
        answer = session.command("#lobby", "/ban bob")
        another = FakeConnection(session)
        session.connected(another)
        third = reconnect(session, another)
        third.lets_in()
        assert [request["line"] for request in third.asked("command")] == ["/ban bob"]
        third.answers("command", ev="ok")
        assert outcome(answer).ref == third.last("command")["ref"]

    def test_what_a_server_that_restarts_has_not_taken_is_sent_to_the_next(self) -> None:
        """A refusal for now says surely that nothing was done."""
        session, _, connection = entered_session()
        answer = session.command("#lobby", "/ban bob")
        connection.answers("command", ev="error", code="restarting")
        another = reconnect(session, connection)
        another.lets_in()
        assert [request["line"] for request in another.asked("command")] == ["/ban bob"]
        assert outcome(answer) is None


class BadAnswerTests(Seated):
    def test_whoever_asked_is_told_once(self) -> None:
        """A request whose answer cannot be read has failed, and is not repeated."""
        session, _, connection = entered_session()
        answer = session.command("#lobby", "/who")
        connection.answers("command", **TORN)
        why = outcome(answer)
        assert isinstance(why, RefusedError)
        assert why.code == "bad_answer"
        assert not connection.dropped
        another = reconnect(session, connection)
        another.lets_in()
        assert another.asked("command") == []

    def test_a_person_is_told_what_is_not_known(self) -> None:
        """Nobody is told that something was not done which may have been."""
        server = self.is_in()
        self.screen.types("/topic x")
        server.answers("command", **TORN)
        self.screen.types("hello")
        server.answers("say", ev="ack", seq="x")
        assert self.screen.lines == [
            "! The server's answer cannot be read.",
            "-- Not known whether this was done: /topic x",
            "! The server's answer cannot be read.",
            "-- (not known to be stored) hello",
        ]

    def test_a_room_whose_answer_cannot_be_read_is_not_asked_for_again(self) -> None:
        """An answer that cannot be read never makes a loop."""
        server = self.is_in()
        self.screen.types("/join #ops")
        server.answers("join", **TORN)
        assert self.screen.question == "[#lobby] "
        assert len(server.asked("join")) == 2

    def test_an_event_that_cannot_be_read_is_missed_and_nothing_else(self) -> None:
        """What comes after it is heard, and nothing is asked for again."""
        server = self.is_in()
        server.says({"ev": "said", "room": "#lobby", "seq": 1, "nick": 7, "text": "one"})
        server.says({"ev": "said", "room": "#lobby", "seq": 2, "nick": "bob", "text": "two"})
        assert self.screen.lines == ["bob: two"]
        assert len(server.asked("join")) == 1

    def test_a_welcome_that_cannot_be_read_is_the_end(self) -> None:
        """A server that cannot be understood is not asked for ever."""
        session, heard, connection = entered_session()
        session.disconnected(connection)
        another = FakeConnection(session)
        session.connected(another)
        another.answers("hello", ev="hello", nick=7)
        assert heard.told[-1] == ("ended",)
        assert heard.why is not None
        assert (heard.why.status, heard.why.words) == (NOT_STORED, "The server's answer cannot be read.")
