from __future__ import annotations

import pytest

from tests.client.helpers import FakeConnection, Heard, entered_session, in_two_rooms, outcome, reconnect, said
from twistedchat.client import wire
from twistedchat.client.exchange import GivenUpError, RefusedError
from twistedchat.client.session import Session


class SeveralRoomsTests:
    def test_each_is_resumed_from_its_own_place_the_active_one_last(self) -> None:
        session, heard, connection = in_two_rooms()
        connection.says(said(1, "one"), said(2, "two"), said(2, "now", room="#ops"))
        session.rooms.active = "#lobby"
        another = reconnect(session, connection)
        places = [(join["room"], join["rid"], join["after"]) for join in another.asked("join")]
        assert places == [("#ops", "r2", 2), ("#lobby", "r1", 2)]
        another.lets_in(3, said(3, "three", room="#ops"), room="#ops", rid="r2")
        assert heard.told[-1] != ("back", "")
        another.lets_in(2)
        assert heard.texts == ["one", "two", "now", "three"]
        assert heard.told[-1] == ("back", "")

    def test_a_room_is_known_by_the_servers_name_for_it_whatever_was_typed(self) -> None:
        session, _, connection = entered_session()
        session.join("#OPS")
        session.rooms.active = "#OPS"
        connection.lets_in(room="#Ops")
        assert list(session.rooms) == ["#lobby", "#Ops"]
        assert session.rooms.active == "#Ops"
        assert session.rooms.find("#oPS") == "#Ops"

    def test_a_topic_has_its_place_in_the_room(self) -> None:
        _, heard, connection = entered_session()
        topic = {"ev": "topic", "room": "#lobby", "seq": 2, "nick": "bob", "text": "ship it"}
        connection.says(said(1, "one"), topic, topic, said(3, "three"))
        assert heard.texts == ["one", "ship it", "three"]
        assert len(connection.asked("join")) == 1


class PartingTests:
    def test_the_server_is_told_and_our_own_going_is_not_heard(self) -> None:
        session, heard, connection = in_two_rooms()
        parted = session.part("#ops", "lunch")
        part = connection.last("part")
        assert (part["room"], part["why"]) == ("#ops", "lunch")
        assert (session.rooms.active, "#ops" in session.rooms) == ("#lobby", False)
        connection.says({"ev": "left", "room": "#ops", "nick": "alice", "why": "lunch"})
        connection.answers("part", ev="ok", text="You have left #ops.")
        assert parted.called
        assert heard.told == []
        assert [join["room"] for join in reconnect(session, connection).asked("join")] == ["#lobby"]

    def test_a_refusal_leaves_us_in_it(self) -> None:
        session, heard, connection = in_two_rooms()
        parted = session.part("#ops")
        connection.answers("part", ev="error", code="not_stored", text="The disk is full.")
        assert isinstance(outcome(parted), RefusedError)
        assert "#ops" in session.rooms
        connection.says(said(2, "still here", room="#ops"))
        assert heard.texts == ["still here"]

    def test_not_to_have_been_there_is_to_have_left(self) -> None:
        session, _, connection = in_two_rooms()
        parted = session.part("#ops")
        connection.answers("part", ev="error", code="not_in_room")
        assert parted.called
        assert "#ops" not in session.rooms

    def test_a_connection_that_breaks_meanwhile_does_it_as_well(self) -> None:
        session, _, connection = in_two_rooms()
        parted = session.part("#ops")
        another = reconnect(session, connection)
        assert parted.called
        assert [join["room"] for join in another.asked("join")] == ["#lobby"]

    def test_while_the_server_is_away_it_is_done_at_once_and_what_was_meant_for_it_is_given_up(self) -> None:
        session, heard, connection = in_two_rooms()
        before = session.say("#ops", "before")
        session.disconnected(connection)
        meanwhile = session.say("#ops", "meanwhile")
        assert session.part("#ops").called
        another = FakeConnection(session)
        session.connected(another)
        another.welcomes()
        another.lets_in()
        assert [outcome(answer).sent for answer in (before, meanwhile)] == [True, False]
        assert another.asked("say") == another.asked("part") == []
        assert heard.told[-1] == ("back", "displaced")

    def test_coming_back_at_once_is_a_new_start(self) -> None:
        session, heard, connection = in_two_rooms()
        session.part("#ops")
        session.join("#ops")
        connection.says(said(2, "before we left", room="#ops"))
        connection.answers("part", ev="ok")
        assert "after" not in connection.last("join")
        connection.lets_in(1, said(1, "in the new one", room="#ops"), room="#ops", rid="r3")
        assert heard.texts == ["in the new one"]
        assert "#ops" in session.rooms

    def test_whoever_has_left_all_rooms_comes_back_to_none(self) -> None:
        session, heard, connection = entered_session()
        session.rooms.active = "#lobby"
        session.part("#lobby")
        connection.answers("part", ev="ok")
        assert session.rooms.active == ""
        another = reconnect(session, connection)
        assert another.ops() == ["hello"]
        assert heard.told[-1] == ("back", "")
        session.command("", "/rooms")
        assert "room" not in another.last("command")


class DisplacedTests:
    def test_a_room_that_is_gone_costs_only_itself(self) -> None:
        session, heard, connection = in_two_rooms()
        before = session.say("#ops", "before")
        session.disconnected(connection)
        meanwhile, elsewhere = session.say("#ops", "meanwhile"), session.say("#lobby", "elsewhere")
        another = FakeConnection(session)
        session.connected(another)
        another.welcomes()
        another.answers("join", ev="error", code="epoch_changed", text="#ops is not the room that it was")
        assert another.last("command")["line"] == "/who #ops"
        another.lets_in()
        assert another.asked("say") == []
        another.answers("command", ev="error", code="no_room", text="There is no room #ops.")
        assert [outcome(answer).sent for answer in (before, meanwhile)] == [True, False]
        assert [say["text"] for say in another.asked("say")] == ["elsewhere"]
        another.acks(another.last("say"))
        assert isinstance(outcome(elsewhere), wire.Ack)
        assert heard.told[-2:] == [("displaced", "#ops", False), ("back", "displaced")]
        assert (session.rooms.active, list(session.rooms)) == ("#lobby", ["#lobby"])

    @pytest.mark.parametrize("epoch", ["e1", "e2"])
    def test_what_was_meant_for_a_room_is_not_said_in_another_of_its_name(self, epoch: str) -> None:
        session, heard, connection = in_two_rooms()
        answer = session.say("#ops", "a secret")
        another = reconnect(session, connection, epoch=epoch)
        another.lets_in()
        another.answers("join", ev="error", code="epoch_changed")
        another.answers("command", ev="ok", text="#ops (1 person): ~eve")
        assert another.last("join").keys() == {"op", "room", "ref"}
        another.lets_in(7, said(7, "hello", "eve", room="#ops"), room="#ops", rid="r3")
        assert outcome(answer).sent
        assert another.asked("say") == []
        assert heard.texts == ["hello"]
        assert ("displaced", "#ops", True) in heard.told
        assert heard.told[-1] == ("back", "displaced" if epoch == "e1" else "epoch_changed")
        assert session.rooms.active == "#ops"

    def test_whoever_goes_by_the_name_makes_it_again_and_repeats(self) -> None:
        heard = Heard()
        session = Session(heard, remakes=True)
        connection = FakeConnection(session)
        session.join("#ops")
        session.connected(connection)
        session.enter("ci")
        connection.welcomes("ci")
        connection.lets_in(room="#ops")
        session.say("#ops", "done")
        another = reconnect(session, connection)
        another.answers("join", ev="error", code="epoch_changed")
        assert another.last("join").keys() == {"op", "room", "ref"}
        another.lets_in(room="#ops", rid="r2")
        assert another.last("say")["cid"] == connection.last("say")["cid"]
        another.acks(another.last("say"))
        assert heard.told[-3:] == [("displaced", "#ops", True), ("live", "#ops"), ("back", "displaced")]

    def test_a_room_that_does_not_let_us_in_again_is_told_and_given_up(self) -> None:
        session, heard, connection = in_two_rooms()
        answer = session.say("#ops", "hi")
        another = reconnect(session, connection)
        another.answers("join", ev="error", code="banned", text="Not until Monday.")
        another.lets_in()
        assert isinstance(outcome(answer), GivenUpError)
        assert heard.told[-2:] == [("live", "#lobby"), ("back", "displaced")]
        assert ("refused", "banned") in heard.told
        assert session.rooms.active == "#lobby"

    def test_a_break_while_it_is_looked_for_begins_anew(self) -> None:
        session, heard, connection = in_two_rooms()
        another = reconnect(session, connection)
        another.answers("join", ev="error", code="epoch_changed")
        third = reconnect(session, another)
        assert third.last("join")["rid"] == "r2"
        third.answers("join", ev="error", code="epoch_changed")
        third.answers("command", ev="error", code="no_room")
        third.lets_in()
        assert [what for what, *_ in heard.told].count("displaced") == 1
        assert heard.told[-1] == ("back", "displaced")
