from __future__ import annotations

import pytest

from tests.client.helpers import FakeConnection, Heard, entered_session, outcome, reconnect, said
from twistedchat.client import wire
from twistedchat.client.exchange import RefusedError
from twistedchat.client.exits import NOT_STORED, NOT_WELCOME, FatalError
from twistedchat.client.session import Session


class EnteringTests:
    def test_nothing_but_a_ping_is_sent_before_there_is_a_name(self) -> None:
        session = Session(Heard())
        connection = FakeConnection(session)
        session.connected(connection)
        connection.answers("ping", ev="error", code="need_hello")
        assert connection.ops() == ["ping"]
        assert session.contact.called

    def test_the_name_is_said_and_the_lobby_joined(self) -> None:
        session = Session(Heard())
        connection = FakeConnection(session)
        session.connected(connection)
        entering = session.enter("alice")
        connection.welcomes(lobby="#foyer")
        assert connection.last("hello") == {"op": "hello", "v": 1, "nick": "alice", "ref": 1}
        assert connection.last("join")["room"] == "#foyer"
        assert outcome(entering).nick == "alice"

    def test_a_room_that_was_asked_for_takes_the_place_of_the_lobby(self) -> None:
        session = Session(Heard())
        connection = FakeConnection(session)
        joined = session.join("#ops")
        session.connected(connection)
        session.enter("alice")
        connection.welcomes()
        connection.lets_in(room="#ops")
        assert [join["room"] for join in connection.asked("join")] == ["#ops"]
        assert outcome(joined).room == "#ops"

    def test_a_taken_name_comes_back_with_a_suggestion_and_another_may_be_tried(self) -> None:
        session = Session(Heard())
        connection = FakeConnection(session)
        session.connected(connection)
        entering = session.enter("alice")
        connection.answers("hello", ev="error", code="nick_taken", text="alice is here already.", suggest="alice2")
        refused = outcome(entering)
        assert isinstance(refused, RefusedError)
        assert (refused.words, refused.suggest) == ("alice is here already.", "alice2")
        again = session.enter("alice2")
        connection.welcomes("alice2")
        assert outcome(again).nick == "alice2"

    def test_a_name_given_after_the_server_lost_patience_asks_for_a_connection(self) -> None:
        heard = Heard()
        session = Session(heard)
        connection = FakeConnection(session)
        session.connected(connection)
        connection.answers("ping", ev="pong", n=0)
        session.disconnected(connection)
        wanted: list[bool] = []
        session.wants_connection = lambda: wanted.append(True)
        assert session.parked
        session.enter("alice")
        assert wanted == [True]
        assert heard.told == []

    @pytest.mark.parametrize("code", ["banned", "killed", "too_many"])
    def test_who_is_turned_away_does_not_come_again(self, code: str) -> None:
        session = Session(Heard())
        connection = FakeConnection(session)
        session.connected(connection)
        session.contact.addErrback(lambda _: None)
        entering = session.enter("alice")
        connection.says({"ev": "bye", "code": code, "text": "Not until Monday."})
        assert session.parked
        assert connection.dropped
        assert outcome(entering) is None or outcome(entering).status == NOT_WELCOME

    def test_being_banned_later_ends_it_with_the_reason(self) -> None:
        session, heard, connection = entered_session()
        connection.says({"ev": "bye", "code": "banned", "text": "Not until Monday."})
        session.disconnected(connection)
        assert heard.told == [("ended",)]
        assert heard.why is not None
        assert (heard.why.status, heard.why.words) == (NOT_WELCOME, "Not until Monday.")


class ReadingTests:
    def test_what_is_said_is_heard_once_and_in_order(self) -> None:
        _, heard, connection = entered_session()
        connection.says(said(1, "one"), said(2, "two"), said(2, "two"), said(1, "one"), said(3, "three"))
        assert heard.texts == ["one", "two", "three"]

    def test_a_hole_is_filled_before_anything_after_it_is_heard(self) -> None:
        _, heard, connection = entered_session()
        connection.says(said(1, "one"), said(3, "three"), said(4, "four"))
        assert heard.texts == ["one"]
        assert connection.last("join")["after"] == 1
        connection.lets_in(4, said(2, "two"), said(3, "three"), said(4, "four"))
        assert heard.texts == ["one", "two", "three", "four"]
        assert len(connection.asked("join")) == 2

    def test_an_event_of_an_unknown_kind_keeps_its_place(self) -> None:
        _, heard, connection = entered_session()
        connection.says({"ev": "pinned", "room": "#lobby", "seq": 1, "what": 3}, said(2, "two"))
        assert heard.texts == ["two"]
        assert len(connection.asked("join")) == 1

    def test_fields_that_are_not_known_are_ignored(self) -> None:
        _, heard, connection = entered_session()
        connection.says({**said(1, "one"), "edited": True})
        assert heard.texts == ["one"]

    def test_the_replay_before_live_is_told_from_what_happens_now(self) -> None:
        heard = Heard()
        session = Session(heard)
        connection = FakeConnection(session)
        session.connected(connection)
        session.enter("alice")
        connection.welcomes()
        connection.lets_in(482, said(481, "old"), said(482, "older"))
        connection.says(said(483, "new"))
        assert heard.told == [
            ("entered", "#lobby"),
            ("heard", "old", True),
            ("heard", "older", True),
            ("live", "#lobby"),
            ("heard", "new", False),
        ]


class ReturningTests:
    def test_it_comes_back_with_its_secret_and_its_cursor(self) -> None:
        session, heard, connection = entered_session()
        connection.says(said(1, "one"), {"ev": "renamed", "nick": "alice", "to": "al"})
        another = reconnect(session, connection, nick="al")
        assert another.last("hello")["nick"] == "al"
        assert another.last("hello")["session"] == "secret"
        assert another.last("join")["after"] == 1
        assert another.last("join")["rid"] == "r1"
        another.lets_in(2, said(2, "two"))
        assert heard.texts == ["one", "Renamed", "two"]
        assert heard.told[-1] == ("back", "")

    def test_what_was_unacknowledged_is_sent_again_once_in_its_order_under_its_cid(self) -> None:
        session, heard, connection = entered_session()
        answers = [session.say("#lobby", text) for text in ("one", "two", "three")]
        first = connection.asked("say")
        connection.acks(first[0])
        another = reconnect(session, connection)
        assert another.asked("say") == []
        another.lets_in(1, said(1, "one", "alice"))
        again = another.asked("say")
        assert [say["cid"] for say in again] == [say["cid"] for say in first[1:]]
        assert [say["text"] for say in again] == ["two", "three"]
        assert ("back", "") not in heard.told
        another.acks(*again)
        assert heard.told[-1] == ("back", "")
        assert all(isinstance(outcome(answer), wire.Ack) for answer in answers)

    def test_what_is_said_meanwhile_waits_until_the_room_is_joined(self) -> None:
        session, _, connection = entered_session()
        session.disconnected(connection)
        answer = session.say("#lobby", "are you there?")
        another = FakeConnection(session)
        session.connected(another)
        another.welcomes()
        assert another.ops() == ["hello", "join"]
        another.lets_in()
        another.acks(another.last("say"))
        assert isinstance(outcome(answer), wire.Ack)

    def test_another_epoch_drops_the_cursors_and_is_told(self) -> None:
        session, heard, connection = entered_session()
        connection.says(said(1, "one"))
        another = reconnect(session, connection, epoch="e2")
        assert "after" not in another.last("join")
        another.lets_in(1, said(1, "other one"))
        assert heard.texts == ["one", "other one"]
        assert heard.told[-1] == ("back", "epoch_changed")

    @pytest.mark.parametrize("code", ["epoch_changed", "cursor_ahead", "gap_expired"])
    def test_a_refused_cursor_is_dropped_and_told(self, code: str) -> None:
        session, heard, connection = entered_session()
        connection.says(said(1, "one"))
        another = reconnect(session, connection)
        another.answers("join", ev="error", code=code)
        assert len(another.asked("join")) == 2
        assert "after" not in another.last("join")
        another.lets_in(9, said(8, "eight"), said(9, "nine"))
        assert heard.texts == ["one", "eight", "nine"]
        assert heard.told[-1] == ("back", code)

    def test_after_an_expired_gap_nothing_is_shown_twice(self) -> None:
        session, heard, connection = entered_session()
        connection.says(said(1, "one"), said(2, "two"))
        another = reconnect(session, connection)
        another.answers("join", ev="error", code="gap_expired")
        another.lets_in(3, said(2, "two"), said(3, "three"))
        assert heard.texts == ["one", "two", "three"]

    def test_a_server_that_knows_the_session_no_more_may_have_doubled_what_was_said(self) -> None:
        session, heard, connection = entered_session()
        session.say("#lobby", "one")
        another = reconnect(session, connection, session="another")
        another.lets_in()
        another.acks(another.last("say"))
        assert heard.told[-1] == ("back", "another_guest")

    def test_a_name_that_was_taken_meanwhile_becomes_the_suggested_one(self) -> None:
        session, heard, connection = entered_session()
        session.disconnected(connection)
        another = FakeConnection(session)
        session.connected(another)
        another.answers("hello", ev="error", code="nick_taken", text="taken", suggest="alice2")
        assert another.last("hello")["nick"] == "alice2"
        assert heard.told == [("lost",), ("refused", "nick_taken")]

    def test_a_second_break_during_the_return_is_one_absence(self) -> None:
        session, heard, connection = entered_session()
        session.say("#lobby", "one")
        another = reconnect(session, connection)
        third = reconnect(session, another)
        third.lets_in()
        third.acks(third.last("say"))
        assert [what for what, *_ in heard.told].count("back") == 1

    def test_the_servers_hint_when_to_come_again_is_kept(self) -> None:
        session, _, connection = entered_session()
        connection.says({"ev": "bye", "code": "restarting", "retry": 3})
        assert session.retry_hint == 3
        assert not session.ended


class SendingTests:
    def test_each_send_has_a_cid_of_its_own(self) -> None:
        session, _, connection = entered_session()
        for _ in range(3):
            session.say("#lobby", "same")
        assert len({say["cid"] for say in connection.asked("say")}) == 3
        assert all(len(say["cid"].encode()) <= 64 for say in connection.asked("say"))

    def test_a_refusal_is_final(self) -> None:
        session, _, connection = entered_session()
        answer = session.say("#lobby", "x")
        connection.answers("say", ev="error", code="muted", text="You are muted.")
        assert outcome(answer).words == "You are muted."
        another = reconnect(session, connection)
        another.lets_in()
        assert another.asked("say") == []

    def test_restarting_is_no_refusal(self) -> None:
        session, _, connection = entered_session()
        answer = session.say("#lobby", "x")
        connection.answers("say", ev="error", code="restarting")
        another = reconnect(session, connection)
        another.lets_in()
        another.acks(another.last("say"))
        assert isinstance(outcome(answer), wire.Ack)

    def test_a_line_that_the_server_would_choke_on_is_not_sent(self) -> None:
        session, _, connection = entered_session(limits={"line": 200})
        answer = session.say("#lobby", "x" * 300)
        assert outcome(answer).code == "too_long"
        assert connection.asked("say") == []

    def test_a_command_is_answered_with_text(self) -> None:
        session, _, connection = entered_session()
        answer = session.command("#lobby", "/who")
        connection.answers("command", ev="ok", text="alice\nbob")
        assert outcome(answer).text == "alice\nbob"


class EndingTests:
    def test_goodbye_waits_for_the_server_to_close(self) -> None:
        session, heard, connection = entered_session()
        session.leave()
        assert connection.ops()[-1] == "bye"
        assert heard.told == []
        session.disconnected(connection)
        assert heard.told == [("ended",)]
        assert heard.why is None

    def test_a_goodbye_without_a_connection_is_the_end_at_once(self) -> None:
        session, heard, connection = entered_session()
        session.disconnected(connection)
        session.leave()
        assert heard.told == [("lost",), ("ended",)]

    def test_the_first_who_waits_is_told_why_it_failed(self) -> None:
        session = Session(Heard())
        session.fail(FatalError(NOT_STORED, "no"))
        assert outcome(session.contact).words == "no"

    def test_quit_is_a_goodbye(self) -> None:
        _, heard, connection = entered_session()
        connection.says({"ev": "bye", "code": "quit"})
        assert heard.told == [("ended",)]
