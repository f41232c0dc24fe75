from __future__ import annotations

import re

import pytest

from tests.client.helpers import act, outcome, said
from tests.client.seat import Seated
from twistedchat.client.ways import UNKNOWN, Way

HINTS = "Messages are kept. Tab completes, /help helps, Ctrl-D leaves."


class TerminalTests(Seated):
    def test_the_first_minute(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("socket.gethostname", lambda: "bee")
        monkeypatch.setenv("LOGNAME", "ann")
        self.starts()
        assert self.screen.lines == ["Connected to bee:55555 (plain, same computer)."]
        assert self.screen.question == "Nickname [ann]: "
        self.screen.types("alice")
        assert self.link.now.last("hello")["nick"] == "alice"
        self.link.now.welcomes()
        self.link.now.lets_in(2, said(1, "anyone here?"), {**said(2, "waves"), "ev": "emoted"})
        assert self.screen.lines[1:] == [
            f"You are alice (guest) in #lobby, 2 people. {HINTS}",
            "-- last 2 --",
            "bob: anyone here?",
            "* bob waves",
            "-- now --",
        ]
        assert self.screen.question == "[#lobby] "

    def test_enter_alone_takes_the_suggested_name(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("LOGNAME", "ann")
        self.starts()
        self.screen.types("")
        assert self.link.now.last("hello")["nick"] == "ann"

    def test_a_taken_name_is_asked_for_again_with_a_suggestion(self) -> None:
        self.starts(nick="alice")
        taken = {"code": "nick_taken", "text": "alice is here already.", "suggest": "alice2"}
        self.link.now.answers("hello", ev="error", **taken)
        assert self.screen.question == "alice is here already. Another name [alice2]: "
        self.screen.types("")
        assert self.link.now.last("hello")["nick"] == "alice2"

    def test_a_bad_name_is_asked_for_again(self) -> None:
        self.starts(nick="root")
        self.link.now.answers("hello", ev="error", code="bad_nick", text="root is reserved.")
        assert self.screen.question == "root is reserved. Another name: "
        self.screen.types("", "ann")
        assert self.link.now.last("hello")["nick"] == "ann"

    @pytest.mark.parametrize(("answer", "goes_on"), [("y", True), ("Yes", True), ("", False), ("n", False)])
    def test_the_open_network_is_asked_about(self, answer: str, goes_on: bool) -> None:  # noqa: FBT001
        self.starts(private=False, nick="alice")
        assert (
            self.screen.question == "This server has no TLS: what you type can be read on the way. Continue? [y/N] "
        )
        assert self.link.now.ops() == ["ping"]
        self.screen.types(answer)
        assert ("hello" in self.link.now.ops()) is goes_on

    @pytest.mark.parametrize(("answer", "goes_on"), [("y", True), ("Yes", True), ("", False), ("n", False)])
    def test_an_unknown_certificate_is_asked_about(self, answer: str, goes_on: bool) -> None:  # noqa: FBT001
        """It is shown as the server shows it, nothing but a ping is sent before, and what is agreed to is kept."""
        self.starts(way=Way(tls=True, why=UNKNOWN, unknown="AB:CD"), nick="alice")
        assert self.screen.lines == ["Connected to localhost:55555 (TLS, certificate unknown)."]
        assert "\nAB:CD\nIs it what the server shows at its start?" in self.screen.question
        assert self.link.now.ops() == ["ping"]
        self.screen.types(answer)
        assert (self.link.trusted, "hello" in self.link.now.ops()) == (goes_on, goes_on)

    def test_what_cannot_be_kept_of_it_is_told(self) -> None:
        self.starts(way=Way(tls=True, why=UNKNOWN, unknown="AB:CD"), nick="alice")
        self.link.problem = "It could not be kept."
        self.screen.types("y")
        assert self.screen.lines[-1] == "! It could not be kept."
        assert "hello" in self.link.now.ops()

    def test_what_is_typed_is_said_and_shown_when_it_is_stored(self) -> None:
        server = self.is_in()
        self.screen.types("hello")
        assert server.last("say")["text"] == "hello"
        server.acks(server.last("say"))
        assert self.screen.lines == []
        server.says(said(1, "hello", "alice"))
        assert self.screen.lines == ["alice: hello"]

    @pytest.mark.parametrize(
        ("typed", "op", "field", "value"),
        [
            ("/me waves", "command", "line", "/me waves"),
            ("//me is a command", "say", "text", "/me is a command"),
            ("two\nlines", "say", "text", "two\nlines"),
        ],
    )
    def test_a_slash_is_a_command_two_are_one(self, typed: str, op: str, field: str, value: str) -> None:
        server = self.is_in()
        self.screen.types(typed)
        assert server.last(op)[field] == value

    def test_empty_lines_say_nothing(self) -> None:
        server = self.is_in()
        self.screen.types("", "   ")
        assert server.asked("say") == []

    def test_an_answer_is_shown_as_the_servers(self) -> None:
        server = self.is_in()
        self.screen.types("/who")
        server.answers("command", ev="ok", text="alice\nbob")
        self.screen.types("/history 2")
        server.answers("command", ev="ok", room="#lobby", entries=[said(1, "one"), {"ev": "new_kind", "seq": 2}])
        assert self.screen.lines == ["-- alice", "-- bob", "bob: one"]

    def test_what_was_found_carries_its_rooms(self) -> None:
        server = self.is_in()
        self.screen.types("/search it")
        direct = {"ev": "direct", "seq": 1, "nick": "alice", "to": "bob", "text": "psst"}
        hidden = {"ev": "hidden", "room": "#ops", "seq": 7}
        found = [said(1, "one"), hidden, direct, act("kicked", 3, "#ops", who="bob")]
        server.answers("command", ev="ok", text="Three:", entries=found)
        assert self.screen.lines == [
            "-- Three:",
            "#lobby bob: one",
            "you -> bob: psst",
            "#ops -- ann kicked bob.",
        ]
        self.screen.types("/audit")
        server.answers("command", ev="ok", entries=[])
        self.screen.types("/topic x")
        server.answers("command", ev="ok", text="")
        assert self.screen.lines[4:] == ["-- Nothing has been found."]

    def test_correcting_what_was_said_is_a_command(self) -> None:
        server = self.is_in()
        self.screen.types("s/teh/the/")
        assert server.last("command")["line"] == "/edit s/teh/the/"

    def test_a_refusal_gives_back_what_was_typed(self) -> None:
        server = self.is_in()
        self.screen.types("a long speech")
        server.answers("say", ev="error", code="muted", text="You are muted.")
        assert self.screen.lines == ["! You are muted.", "-- (not sent) a long speech"]

    def test_losing_the_server_and_coming_back(self) -> None:
        server = self.is_in()
        server.says(said(1, "one"))
        self.link.breaks()
        self.terminal.retrying(1.1)
        self.link.session.listener.retrying(1.9)
        self.screen.types("are you there?")
        self.link.connect()
        self.link.now.welcomes()
        self.link.now.lets_in(2, said(2, "two", at="x"))
        assert self.screen.lines == [
            "bob: one",
            "Lost the server. Trying again in 1 s (Ctrl-C stops)...",
            "-- (goes out when the server is back) are you there?",
            "bob: two",
        ]
        self.link.now.acks(self.link.now.last("say"))
        assert self.screen.lines[-1] == "Back. Nothing was lost."
        assert self.screen.question == "[#lobby] "

    @pytest.mark.parametrize("how", ["C-d", "/quit", "/exit", ":q"])
    def test_leaving_says_goodbye(self, how: str) -> None:
        server = self.is_in()
        if how == "C-d":
            self.screen.presses(how)
        else:
            self.screen.types(how)
        assert server.ops()[-1] == "bye"
        assert (outcome(self.status), self.reports) == (0, [])

    def test_the_reason_for_leaving_is_passed_on(self) -> None:
        server = self.is_in()
        self.screen.types("/quit out for  lunch")
        assert server.last("command")["line"] == "/quit out for lunch"
        assert (outcome(self.status), self.reports) == (0, [])

    def test_ctrl_c_leaves_the_second_time(self) -> None:
        self.is_in()
        self.screen.presses("C-c")
        assert self.screen.lines == ["-- Ctrl-D leaves; so does Ctrl-C once more."]
        self.screen.presses("C-c")
        assert outcome(self.status) == 0

    def test_ctrl_c_while_alone_leaves_at_once_and_names_what_is_not_stored(self) -> None:
        self.is_in()
        self.link.breaks()
        self.terminal.retrying(1.0)
        self.screen.types("hello?")
        self.screen.presses("C-c")
        assert outcome(self.status) == 1
        assert self.reports == ["Not known to be stored: the last 1 of what you typed."]

    def test_being_banned_ends_it_with_the_reason(self) -> None:
        server = self.is_in()
        server.says({"ev": "bye", "code": "banned", "text": "Not until Monday."})
        assert outcome(self.status) == 6
        assert self.reports == ["Not until Monday."]

    def test_being_banned_already_is_said_with_the_reason(self) -> None:
        status = self.starts(nick="alice")
        self.link.now.answers("hello", ev="error", code="banned", text="You are banned for 2h more: spam")
        assert outcome(status) == 6
        assert self.reports == ["You are banned for 2h more: spam"]
        assert self.link.now.dropped

    def test_a_room_that_cannot_be_entered_leads_to_the_lobby(self) -> None:
        self.starts(nick="alice", room="#ops")
        self.link.now.welcomes()
        self.link.now.answers("join", ev="error", code="no_room", text="There is no #ops.")
        self.link.now.lets_in()
        assert "! There is no #ops." in self.screen.lines
        self.screen.types("hi")
        assert self.link.now.last("say")["room"] == "#lobby"

    def test_what_the_server_has_to_say_today_follows_the_greeting(self) -> None:
        self.starts(nick="alice")
        self.link.now.welcomes(role="admin", motd="Be kind.\nCake at four.")
        self.link.now.lets_in()
        assert self.screen.lines[1:] == [
            f"You are alice (admin) in #lobby, 2 people. {HINTS}",
            "-- Be kind.",
            "-- Cake at four.",
        ]

    def test_who_comes_and_goes_is_known_to_the_tab_key(self) -> None:
        server = self.is_in()
        server.says(
            {"ev": "joined", "room": "#lobby", "nick": "carol"},
            {"ev": "left", "room": "#lobby", "nick": "bob"},
            {"ev": "renamed", "room": "#lobby", "nick": "alice", "to": "al"},
        )
        assert list(self.terminal.words("/msg ", "")) == ["al ", "carol "]
        assert list(self.terminal.words("", "/h")) == ["/help "]
        assert self.screen.lines == ["carol joined!", "bob left!", "-- alice is now al."]


class PreferenceTests(Seated):
    def test_the_time_stands_before_what_happens_now(self) -> None:
        server = self.is_in()
        server.says({"ev": "prefs", "time": True, "color": False, "echo": False})
        server.says(said(1, "hi", at="2026-11-22T12:34:56.789Z"), {"ev": "joined", "room": "#lobby", "nick": "carl"})
        assert re.fullmatch(r"\[\d\d:34\] bob: hi", self.screen.lines[0])
        assert self.screen.lines[1] == "carl joined!"

    def test_the_bell_rings_for_private_messages_of_others(self) -> None:
        server = self.is_in()
        psst = {"ev": "direct", "seq": 1, "nick": "bob", "to": "alice", "text": "psst"}
        server.says(psst, {"ev": "prefs", "bell": True}, {**psst, "nick": "alice", "to": "bob"}, said(1, "hi"))
        assert self.screen.rings == 0
        server.says(psst)
        assert self.screen.rings == 1

    @pytest.mark.parametrize(("quiet", "seen"), [("off", 4), ("smart", 2), ("all", 0), ("", 2)])
    def test_who_comes_and_goes_is_hidden(self, quiet: str, seen: int) -> None:
        server = self.is_in()
        if quiet:
            server.says({"ev": "prefs", "quiet": quiet})
        for minor in ({}, {"minor": True}):
            server.says(
                {"ev": "joined", "room": "#lobby", "nick": "carl", **minor},
                {"ev": "left", "room": "#lobby", "nick": "carl", **minor},
            )
        assert len(self.screen.lines) == seen
