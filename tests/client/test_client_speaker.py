from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.client.helpers import act, said
from tests.client.seat import Seated

if TYPE_CHECKING:
    from tests.client.helpers import FakeConnection

HERE = "What you type goes here; lines from elsewhere carry their room."


class RoomsAtTheTerminalTests(Seated):
    def is_in_ops(self) -> FakeConnection:
        server = self.is_in()
        self.screen.types("/join #ops")
        server.lets_in(1, said(1, "ship it", room="#ops"), room="#ops", rid="r2")
        self.screen.lines.clear()
        return server

    def comes_back(self, **how: str) -> FakeConnection:
        """Lose the connection; the next one knows nothing of #ops."""
        self.link.breaks()
        self.link.connect()
        self.link.now.welcomes(**how)
        self.link.now.answers("join", ev="error", code="epoch_changed")
        self.link.now.answers("command", ev="error", code="no_room")
        return self.link.now

    @pytest.mark.parametrize("typed", ["/join #ops", "/join ops", "/j ops", "/J #ops"])
    def test_going_to_a_room_shows_who_is_there_and_what_was_said(self, typed: str) -> None:
        server = self.is_in()
        self.screen.types(typed)
        assert server.last("join")["room"] == "#ops"
        replay = said(1, "one", room="#ops"), said(2, "two", room="#ops")
        server.lets_in(2, *replay, room="#ops", people=["ann", "bob"], topic="now")
        assert self.screen.lines == [
            f"-- You are in #ops (2 people: ann, bob). {HERE}",
            "-- Topic: now",
            "-- last 2 --",
            "bob: one",
            "bob: two",
            "-- now --",
        ]
        assert self.screen.question == "[#ops] "
        self.screen.types("hi", "/who")
        assert (server.last("say")["room"], server.last("command")["room"]) == ("#ops", "#ops")

    def test_what_is_typed_behind_it_goes_there_too(self) -> None:
        server = self.is_in()
        self.screen.types("/join #ops", "hi ops", "/part", "hi lobby")
        assert [(request["op"], request["room"]) for request in server.sent[3:]] == [
            ("join", "#ops"),
            ("say", "#ops"),
            ("part", "#ops"),
            ("say", "#lobby"),
        ]

    def test_lines_from_elsewhere_carry_their_room(self) -> None:
        server = self.is_in_ops()
        topic = {"ev": "topic", "room": "#ops", "seq": 2, "nick": "bob", "text": "now"}
        server.says(said(1, "a\nb"), {"ev": "joined", "room": "#lobby", "nick": "eve"}, topic)
        assert self.screen.lines == ["#lobby bob: a", "  | b", "#lobby eve joined!", "-- bob set the topic: now"]

    def test_going_to_a_room_one_is_in_only_switches(self) -> None:
        server = self.is_in_ops()
        self.screen.types("/join LOBBY", "hi")
        assert self.screen.lines == ["-- What you type goes to #lobby now."]
        assert server.last("say")["room"] == "#lobby"
        assert len(server.asked("join")) == 2

    def test_a_room_that_cannot_be_had_leaves_all_as_it_was(self) -> None:
        server = self.is_in()
        self.screen.types("/join #two")
        server.answers("join", ev="error", code="too_many", text="One room at a time.")
        assert self.screen.lines == ["! One room at a time.", "-- (not sent) /join #two"]
        assert self.screen.question == "[#lobby] "
        self.screen.types("/join a b c")
        assert self.screen.lines[2:] == ["! Like this: /join #ROOM [KEY]", "-- (not sent) /join a b c"]

    def test_a_key_opens_a_room_each_time(self) -> None:
        server = self.is_in()
        self.screen.types("/join vault sesame")
        assert (server.last("join")["room"], server.last("join")["key"]) == ("#vault", "sesame")
        server.lets_in(room="#vault")
        self.link.breaks()
        self.link.connect()
        self.link.now.welcomes()
        assert self.link.now.last("join")["key"] == "sesame"

    def test_being_put_out_leads_to_the_lobby(self) -> None:
        server = self.is_in_ops()
        server.says(act("kicked", 2, "#ops", who="alice", why="enough"))
        assert self.screen.lines == [
            "-- ann kicked alice. (enough)",
            "-- You are not in #ops any more. What you type goes to #lobby now.",
        ]
        assert self.screen.question == "[#lobby] "
        self.screen.types("hi")
        assert server.last("say")["room"] == "#lobby"

    def test_whoever_was_nowhere_else_is_let_into_the_lobby(self) -> None:
        self.starts(nick="alice", room="#ops")
        self.link.now.welcomes()
        self.link.now.lets_in(room="#ops")
        self.screen.lines.clear()
        self.link.now.says(act("dropped", 0, "#ops"))
        self.link.now.lets_in()
        assert self.screen.lines == [
            "-- ann has dropped #ops.",
            "-- You are not in #ops any more.",
            f"-- You are in #lobby (2 people: alice, bob). {HERE}",
        ]

    def test_whoever_is_put_out_of_the_lobby_is_not_let_in_again(self) -> None:
        server = self.is_in()
        server.says(act("banned", 1, who="Alice", until="2026-11-23T00:00:00.000Z"))
        assert self.screen.lines[-1] == "-- You are not in #lobby any more. You are in no room: /join one."
        assert len(server.asked("join")) == 1
        assert self.screen.question == "[no room] "

    def test_a_room_that_is_renamed_is_the_same_room(self) -> None:
        server = self.is_in_ops()
        server.says(act("room_renamed", 2, "#deploy", was="#ops", to="#deploy"), said(3, "hi", room="#deploy"))
        assert self.screen.lines == ["-- ann renamed #ops to #deploy.", "bob: hi"]
        assert self.screen.question == "[#deploy] "
        assert self.terminal._known.rooms == ["#lobby", "#deploy"]
        self.screen.types("hi", "/part #deploy")
        assert server.last("say")["room"] == server.last("part")["room"] == "#deploy"

    def test_leaving_leads_to_the_lobby_and_at_last_nowhere(self) -> None:
        server = self.is_in_ops()
        self.screen.types("/part #ops lunch")
        server.answers("part", ev="ok")
        self.screen.types("/leave")
        server.answers("part", ev="ok")
        assert self.screen.lines == [
            "-- You have left #ops. What you type goes to #lobby now.",
            "-- You have left #lobby. You are in no room: /join one.",
        ]
        assert self.screen.question == "[no room] "
        self.screen.lines.clear()
        self.screen.types("hello?", "/part", "/part #ops", "/rooms")
        assert server.asked("say") == []
        assert self.screen.lines == [
            "! You are in no room: /join one.",
            "-- (not sent) hello?",
            "! You are in no room: /join one.",
            "-- (not sent) /part",
            "! You are not in #ops.",
            "-- (not sent) /part #ops",
        ]
        assert "room" not in server.last("command")

    def test_a_room_that_is_gone_when_the_server_is_back(self) -> None:
        server = self.is_in_ops()
        self.screen.types("before")
        self.link.breaks()
        self.screen.types("meanwhile")
        self.comes_back().lets_in()
        assert self.screen.lines == [
            "-- (goes out when the server is back) meanwhile",
            "-- #ops is gone. What you type goes to #lobby now.",
            "-- (not known to be stored) before",
            "-- (not sent) meanwhile",
            "Back. Nothing else was lost.",
        ]
        assert self.screen.question == "[#lobby] "
        assert server is not self.link.now

    def test_whoever_was_nowhere_else_goes_on_in_the_lobby(self) -> None:
        self.starts(nick="alice", room="#ops")
        self.link.now.welcomes()
        self.link.now.lets_in(room="#ops")
        self.screen.lines.clear()
        self.comes_back().lets_in()
        assert self.screen.lines == [
            "-- #ops is gone.",
            f"-- You are in #lobby (2 people: alice, bob). {HERE}",
            "Back. Nothing else was lost.",
        ]

    def test_another_room_of_the_name_is_said_to_be_one(self) -> None:
        self.is_in_ops()
        self.link.breaks()
        self.link.connect()
        self.link.now.welcomes()
        self.link.now.lets_in()
        self.link.now.answers("join", ev="error", code="epoch_changed")
        self.link.now.answers("command", ev="ok", text="#ops (1 person): ~eve")
        self.link.now.lets_in(room="#ops", rid="r3")
        assert self.screen.lines == ["-- #ops is another room now; joined anew.", "Back. Nothing else was lost."]
        assert self.screen.question == "[#ops] "

    def test_a_room_that_was_asked_for_while_alone_is_joined_later(self) -> None:
        self.is_in()
        self.link.breaks()
        self.screen.types("/join #ops", "hi ops")
        self.link.connect()
        self.link.now.welcomes()
        self.link.now.lets_in()
        self.link.now.lets_in(room="#ops")
        assert self.link.now.last("say")["room"] == "#ops"
        assert self.screen.lines[0] == "-- (goes out when the server is back) /join #ops"
        assert self.screen.lines[-1] == f"-- You are in #ops (2 people: alice, bob). {HERE}"

    def test_the_tab_key_knows_the_rooms_that_were_heard_of(self) -> None:
        server = self.is_in(commands=["/join #ROOM", "/part [#ROOM] [WHY...]", "/rooms [PATTERN]"])
        self.screen.types("/join #attic")
        server.lets_in(room="#attic", people=["alice", "zoe"])
        self.screen.types("/rooms")
        server.answers("command", ev="ok", text="#lobby (2)\n#ops (1)  ship it\n#attic (3)  #none (1)")
        assert list(self.terminal.words("/j ", "")) == ["#attic ", "#lobby ", "#ops "]
        assert list(self.terminal.words("/part ", "#o")) == ["#ops "]
        assert list(self.terminal.words("", "z")) == ["zoe: "]
        self.screen.types("/part")
        server.answers("part", ev="ok")
        assert list(self.terminal.words("", "z")) == []

    def test_a_room_without_a_past_says_so(self) -> None:
        server = self.is_in_ops()
        self.screen.types("/history")
        server.answers("command", ev="ok", room="#ops", entries=[])
        assert self.screen.lines == ["-- Nothing has been said in #ops yet."]
