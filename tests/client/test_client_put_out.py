from __future__ import annotations

import pytest

from tests.client.helpers import Json, act, entered_session, in_two_rooms, outcome, reconnect, said


class PutOutTests:
    @pytest.mark.parametrize(
        "event",
        [
            act("kicked", 2, "#ops", who="alice"),
            act("banned", 2, "#ops", who="ALICE", until="2026-11-23T00:00:00.000Z"),
            act("dropped", 0, "#ops"),
        ],
    )
    def test_a_room_that_one_is_put_out_of_is_not_joined_again(self, event: Json) -> None:
        session, heard, connection = in_two_rooms()
        connection.says(event)
        assert heard.told == [("heard", event["ev"].title(), False), ("put_out", "#ops")]
        assert (session.rooms.active, list(session.rooms)) == ("#lobby", ["#lobby"])
        assert [join["room"] for join in reconnect(session, connection).asked("join")] == ["#lobby"]

    def test_others_may_be_put_out_of_it(self) -> None:
        session, heard, connection = in_two_rooms()
        connection.says(act("kicked", 2, "#ops", who="bob"), act("muted", 3, "#ops", who="alice"))
        connection.says(act("dropped", 0, "#elsewhere"))
        assert list(session.rooms) == ["#lobby", "#ops"]
        assert [told[0] for told in heard.told] == ["heard"] * 3

    def test_what_has_been_long_ago_puts_nobody_out(self) -> None:
        session, _, connection = entered_session()
        session.join("#ops")
        connection.lets_in(2, act("kicked", 1, "#ops", who="alice"), said(2, "hi", room="#ops"), room="#ops")
        assert list(session.rooms) == ["#lobby", "#ops"]

    def test_it_may_happen_before_all_is_told_that_was_said_before(self) -> None:
        session, heard, connection = entered_session()
        session.join("#ops")
        connection.answers("join", ev="ok", room="#ops", rid="r2", head=500)
        connection.says(said(481, "old", room="#ops"), act("kicked", 501, "#ops", who="alice"))
        assert heard.told[-2:] == [("heard", "Kicked", False), ("put_out", "#ops")]
        assert list(session.rooms) == ["#lobby"]

    def test_what_was_said_before_is_answered_by_the_server(self) -> None:
        session, _, connection = in_two_rooms()
        answer = session.say("#ops", "one more thing")
        connection.says(act("kicked", 2, "#ops", who="alice"))
        connection.answers("say", ev="error", code="not_in_room", text="You are not in #ops.")
        assert outcome(answer).code == "not_in_room"

    def test_one_may_come_again_and_begins_anew(self) -> None:
        session, heard, connection = in_two_rooms()
        connection.says(act("kicked", 2, "#ops", who="alice"))
        session.join("#ops")
        assert "after" not in connection.last("join")
        connection.lets_in(9, said(8, "eight", room="#ops"), said(9, "nine", room="#ops"), room="#ops", rid="r2")
        assert heard.texts == ["Kicked", "eight", "nine"]


class RenamedRoomTests:
    @pytest.mark.parametrize("under", ["#ops", "#deploy"])
    def test_it_is_read_on_under_its_new_name(self, under: str) -> None:
        session, heard, connection = in_two_rooms()
        answer = session.say("#ops", "meanwhile")
        connection.says(act("room_renamed", 2, under, was="#ops", to="#deploy"), said(3, "on", room="#deploy"))
        assert heard.texts == ["RoomRenamed", "on"]
        assert session.rooms.active == "#deploy"
        another = reconnect(session, connection)
        places = [(join["room"], join.get("rid"), join.get("after")) for join in another.asked("join")]
        assert places == [("#lobby", "r1", 0), ("#deploy", "r2", 3)]
        another.lets_in()
        another.lets_in(3, room="#deploy", rid="r2")
        assert another.last("say")["room"] == "#deploy"
        assert outcome(answer) is None

    def test_the_lobby_may_have_another_name_as_well(self) -> None:
        session, _, connection = entered_session()
        connection.says(act("room_renamed", 1, was="#lobby", to="#foyer"))
        assert (session.rooms.lobby, session.rooms.active) == ("#foyer", "#foyer")

    def test_one_that_was_renamed_long_ago_is_called_as_it_is_called_now(self) -> None:
        session, heard, connection = entered_session()
        session.join("#ops")
        past = act("room_renamed", 1, "#ops", was="#dev", to="#tmp"), said(2, "hi", room="#ops")
        connection.lets_in(2, *past, room="#ops")
        assert list(session.rooms) == ["#lobby", "#ops"]
        assert heard.texts == ["RoomRenamed", "hi"]


class PlacesTests:
    def test_acts_and_what_is_hidden_have_their_place(self) -> None:
        _, heard, connection = entered_session()
        connection.says(
            said(1, "one"),
            {"ev": "hidden", "room": "#lobby", "seq": 2},
            act("edited", 3, of=1, text="uno"),
            act("removed", 4),
            act("deleted", 5, of=1, whose="bob"),
            said(6, "six"),
        )
        assert heard.texts == ["one", "uno", "Removed", "Deleted", "six"]
        assert len(connection.asked("join")) == 1

    def test_what_is_kept_no_more_is_leapt_over(self) -> None:
        session, heard, connection = entered_session()
        connection.says(said(1, "one"))
        another = reconnect(session, connection)
        assert another.last("join")["after"] == 1
        another.lets_in(9, said(8, "eight"), said(9, "nine"))
        assert heard.texts == ["one", "eight", "nine"]
        assert len(another.asked("join")) == 1
        assert heard.told[-1] == ("back", "gap_expired")

    def test_what_concerns_the_whole_server_has_none(self) -> None:
        _, heard, connection = entered_session()
        connection.says(
            act("muted", room="", who="alice"),
            act("shouted", room="", text="Down at ten."),
            act("invited", room="#ops"),
        )
        assert heard.texts == ["Muted", "Down at ten.", "Invited"]

    def test_preferences_are_told(self) -> None:
        _, heard, connection = entered_session()
        connection.says({"ev": "prefs", "echo": True, "time": True, "color": True, "bell": False, "quiet": "all"})
        assert heard.told == [("preferred", True, False, "all")]
