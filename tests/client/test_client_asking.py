from __future__ import annotations

import pytest

from tests.client.helpers import outcome
from tests.client.seat import Seated

WAITING = ("... ", True)
ROOM = ("[#lobby] ", False)
FIRST, AGAIN = "A password, of 8 characters at least: ", "The same once more: "
OLD, NEW = "The password that you have: ", "The new one, of 8 characters at least: "
WRONG = {"ev": "error", "code": "bad_login", "text": "Not together."}
OWNED = {"ev": "error", "code": "nick_owned", "text": "olga is a member's name."}
POOR = {"ev": "error", "code": "bad_text", "text": "Too short."}


class AskingTests(Seated):
    @property
    def asked(self) -> tuple[str, bool]:
        """What is asked, and whether the answer is hidden."""
        return self.screen.question, self.screen.secret

    def is_in_the_open(self) -> None:
        """Have somebody in where others can read what they send."""
        self.starts(nick="alice", private=False, insecure=True)
        self.link.now.welcomes()
        self.link.now.lets_in()
        self.screen.lines.clear()

    @pytest.mark.parametrize(
        ("typed", "answers", "sent"),
        [
            ("/register", [(FIRST, "sesame12"), (AGAIN, "sesame12")], "/register sesame12"),
            ("/login ann", [("Password of ann: ", "sesame12")], "/login ann sesame12"),
        ],
    )
    def test_the_password_is_asked_for_where_nobody_sees_it(
        self, typed: str, answers: list[tuple[str, str]], sent: str
    ) -> None:
        """A command without its password is completed before anything is sent, and done."""
        server = self.is_in()
        self.screen.types(typed)
        for question, answer in answers:
            assert self.asked == (question, True)
            assert server.asked("command") == []
            self.screen.types(answer)
        assert server.last("command")["line"] == sent
        assert self.asked == WAITING
        server.answers("command", ev="ok", text="You are ann, a member.")
        assert self.asked == ROOM
        assert self.screen.lines == ["-- You are ann, a member."]

    def test_another_password_is_asked_for_when_the_server_knows_of_one(self) -> None:
        """Whether somebody has a password to change is the server's to say."""
        server = self.is_in()
        self.screen.types("/passwd")
        assert (server.last("command")["line"], self.asked) == ("/passwd", WAITING)
        server.answers("command", ev="error", code="need_password", text=OLD)
        for question, answer in ((OLD, "sesame12"), (NEW, "simsim12"), (AGAIN, "simsim12")):
            assert self.asked == (question, True)
            self.screen.types(answer)
        assert server.last("command")["line"] == "/passwd sesame12 simsim12"

    def test_a_guest_is_asked_for_none(self) -> None:
        """Whoever has no password is told so at once, and what they typed as one is said to nobody."""
        server = self.is_in()
        self.screen.types("/passwd", "sesame12", "simsim12")
        server.answers("command", ev="ok", text="You are a guest, without a password.")
        assert self.asked == ROOM
        assert self.screen.lines == [
            "-- You are a guest, without a password.",
            "-- (not sent) what you typed meanwhile",
        ]
        assert server.asked("say") == []

    @pytest.mark.parametrize(
        ("answers", "why"),
        [
            (["one", "two"], "Those were two different ones."),
            (["a b"], "A password is one word, without blanks."),
        ],
    )
    def test_what_will_not_do_is_not_sent_and_asked_for_three_times(self, answers: list[str], why: str) -> None:
        """Somebody who mistypes a password is asked again, hidden, and at last told that nothing was done."""
        server = self.is_in()
        self.screen.types("/register")
        for _ in range(2):
            self.screen.types(*answers)
            assert self.asked == (f"{why} {FIRST}", True)
            assert self.screen.lines == []
        self.screen.types(*answers)
        assert server.asked("command") == []
        assert self.screen.lines == [f"! {why}", "-- (not sent) /register"]
        assert self.asked == ROOM

    def test_an_empty_line_cancels(self) -> None:
        """Nothing is sent where no password is given, and that is said."""
        server = self.is_in()
        self.screen.types("/register", "")
        assert (server.asked("command"), self.screen.lines) == ([], ["-- (not sent) /register"])
        assert self.asked == ROOM

    @pytest.mark.parametrize("key", ["C-c", "C-d"])
    def test_one_may_think_better_of_it(self, key: str) -> None:
        """Ctrl-C and Ctrl-D end the question, not the conversation."""
        server = self.is_in()
        self.screen.types("/login ann")
        self.screen.presses(key)
        assert (server.asked("command"), self.screen.lines) == ([], ["-- (not sent) /login ann"])
        assert self.asked == ROOM

    def test_a_wrong_one_is_asked_for_again_and_never_said(self) -> None:
        """After a wrong password the next line is the password again, three times in all."""
        server = self.is_in()
        self.screen.types("/login ann", "wrong-1")
        for n in (2, 3):
            server.answers("command", **WRONG)
            assert self.asked == ("Not together. Password of ann: ", True)
            self.screen.types(f"wrong-{n}")
            assert server.last("command")["line"] == f"/login ann wrong-{n}"
        assert self.screen.lines == []
        server.answers("command", **WRONG)
        assert self.screen.lines == ["! Not together.", "-- (not sent) /login ann ***"]
        assert self.asked == ROOM
        assert server.asked("say") == []

    def test_a_wrong_one_may_be_given_up(self) -> None:
        """An empty line after a wrong password ends it, and says so."""
        server = self.is_in()
        self.screen.types("/login ann", "wrong-1")
        server.answers("command", **WRONG)
        self.screen.types("")
        assert self.screen.lines == ["-- (not sent) /login ann"]
        assert self.asked == ROOM

    def test_a_new_one_that_is_refused_is_asked_for_again(self) -> None:
        """A new password that the server does not take is asked for again, but not the old one."""
        server = self.is_in()
        self.screen.types("/register", "short", "short")
        server.answers("command", **POOR)
        assert self.asked == (f"Too short. {FIRST}", True)
        self.screen.types("")
        self.screen.types("/passwd")
        server.answers("command", ev="error", code="need_password", text=OLD)
        self.screen.types("sesame12", "short", "short")
        server.answers("command", **POOR)
        assert self.asked == (f"Too short. {NEW}", True)
        self.screen.types("simsim12", "simsim12")
        assert server.last("command")["line"] == "/passwd sesame12 simsim12"
        server.answers("command", **WRONG)
        assert self.asked == (f"Not together. {OLD}", True)
        assert "sesame12" not in "".join(self.screen.lines)

    def test_a_members_name_wants_its_password(self) -> None:
        """Whoever takes a member's name is asked for its password, and may be wrong at first."""
        server = self.is_in()
        self.screen.types("/nick olga")
        assert self.asked == WAITING
        server.answers("command", **OWNED)
        assert self.asked == ("olga is a member's name. Password of olga: ", True)
        self.screen.types("wrong-1")
        assert server.last("command")["line"] == "/nick olga wrong-1"
        server.answers("command", **WRONG)
        assert self.asked == ("Not together. Password of olga: ", True)
        self.screen.types("sesame12")
        server.answers("command", ev="ok", text="You are olga now.")
        assert self.screen.lines == ["-- You are olga now."]
        assert self.asked == ROOM

    def test_the_server_may_want_one_for_any_command(self) -> None:
        """What the server asks for is asked in its own words, and what was half typed stays."""
        server = self.is_in()
        self.screen.types("/vault 7")
        assert self.asked == ROOM
        server.answers("command", ev="error", code="need_password", text="Its word:")
        assert self.asked == ("Its word: ", True)
        self.screen.types("sesame")
        assert server.last("command")["line"] == "/vault 7 sesame"
        assert self.screen.lines == []

    def test_what_is_typed_ahead_is_done_afterwards(self) -> None:
        """Lines that were typed while the server was asked wait for its answer."""
        server = self.is_in()
        self.screen.types("/nick ann", "hello", "/nick bob")
        assert (server.asked("say"), len(server.asked("command"))) == ([], 1)
        server.answers("command", ev="ok", text="You are ann now.")
        assert server.last("say")["text"] == "hello"
        assert server.last("command")["line"] == "/nick bob"

    def test_what_is_typed_ahead_of_a_question_answers_it(self) -> None:
        """A password that was typed before it was asked for is a password, too."""
        server = self.is_in()
        self.screen.types("/nick olga", "sesame12")
        server.answers("command", **OWNED)
        assert server.last("command")["line"] == "/nick olga sesame12"
        assert server.asked("say") == []

    @pytest.mark.parametrize("key", ["C-c", "C-d"])
    def test_nobody_has_to_wait(self, key: str) -> None:
        """Ctrl-C goes back to talking; a question that comes later is asked then."""
        server = self.is_in()
        self.screen.types("/nick olga")
        self.screen.presses(key)
        assert self.asked == ROOM
        server.answers("command", **OWNED)
        assert self.asked == ("olga is a member's name. Password of olga: ", True)

    def test_nobody_waits_for_a_server_that_is_away(self) -> None:
        """When the connection breaks it is said that a command may have been done, and one can talk again."""
        self.is_in()
        self.screen.types("/login ann", "sesame12")
        assert self.asked == WAITING
        self.link.breaks()
        assert self.screen.lines == ["-- Not known whether this was done: /login ann ***"]
        assert self.asked == ROOM
        self.screen.types("/login ann sesame12")
        assert self.screen.lines[1:] == ["-- (goes out when the server is back) /login ann ***"]
        assert self.asked == ROOM
        self.link.connect()
        self.link.now.welcomes()
        self.link.now.lets_in()
        assert [request["line"] for request in self.link.now.asked("command")] == ["/login ann sesame12"]
        self.link.now.answers("command", **WRONG)
        assert self.asked == ("Not together. Password of ann: ", True)

    def test_where_others_could_read_it_the_server_is_asked_first(self) -> None:
        """On an open way nothing is asked for that the server might not take."""
        self.is_in_the_open()
        self.screen.types("/register")
        assert self.link.now.last("command")["line"] == "/register"
        self.link.now.answers("command", ev="error", code="need_password", text="A password:")
        assert self.asked == (FIRST, True)

    def test_where_others_could_read_it_nothing_is_asked_again(self) -> None:
        """On an open way a member's name is only refused."""
        self.is_in_the_open()
        self.screen.types("/nick olga")
        self.link.now.answers("command", **OWNED)
        assert self.screen.lines == ["! olga is a member's name.", "-- (not sent) /nick olga"]
        assert self.asked == ROOM

    def test_leaving_while_one_is_asked_for_is_leaving(self) -> None:
        """The end of the conversation is the end of a question."""
        self.is_in()
        self.screen.types("/login ann")
        self.link.now.says({"ev": "bye", "code": "quit"})
        assert outcome(self.status) == 0

    def test_leaving_while_the_server_is_asked_is_leaving(self) -> None:
        """The end of the conversation is the end of waiting."""
        self.is_in()
        self.screen.types("/nick ann")
        self.link.now.says({"ev": "bye", "code": "banned", "text": "Not until Monday."})
        assert outcome(self.status) == 6
