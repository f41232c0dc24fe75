from __future__ import annotations

import pytest
from twisted.internet.defer import Deferred, succeed

from tests.client.helpers import FakeConnection, Heard, entered_session, outcome
from tests.client.seat import Seated
from twistedchat.client.editor import DiscreetHistory
from twistedchat.client.passwords import MistypedError, completed, demanded, discreet, wanted
from twistedchat.client.session import Session

OWNED = {"code": "nick_owned", "text": "alice is a member's."}
WRONG = {"code": "bad_login", "text": "Not together."}
FIRST, AGAIN = "A password, of 8 characters at least: ", "The same once more: "
OLD, NEW = "The password that you have: ", "The new one, of 8 characters at least: "


class QuestionTests:
    @pytest.mark.parametrize(
        ("line", "questions"),
        [
            ("/register", [FIRST]),
            ("/Register ", [FIRST]),
            ("/passwd", [OLD, NEW]),
            ("/login ann", ["Password of ann: "]),
        ],
    )
    def test_commands_without_their_password(self, line: str, questions: list[str]) -> None:
        found = wanted(line)
        assert found is not None
        assert (found.command, found.texts) == (line, questions)

    @pytest.mark.parametrize(
        "line", ["/register x", "/login", "/login ann x", "/passwd a b", "/nick ann", "/who", "/", ""]
    )
    def test_other_lines_want_none(self, line: str) -> None:
        assert wanted(line) is None

    def test_the_servers_own_question_is_asked(self) -> None:
        assert demanded("/nick ann", "Password of ann:").texts == ["Password of ann: "]
        assert demanded("/login ann", "x").texts == ["Password of ann: "]
        assert demanded("/passwd old", "The new one").new
        assert not demanded("/nick ann", "Password").new

    @pytest.mark.parametrize(
        ("line", "answers", "command"),
        [
            ("/register", ["sesame12", "sesame12"], "/register sesame12"),
            ("/passwd", ["old", "new", "new"], "/passwd old new"),
            ("/login ann", ["old"], "/login ann old"),
            ("/login ann", [""], ""),
            ("/passwd", ["old", ""], ""),
        ],
    )
    def test_answers_complete_the_command(self, line: str, answers: list[str], command: str) -> None:
        assert outcome(self.completes(line, answers)) == command

    @pytest.mark.parametrize(
        ("line", "answers"),
        [
            ("/register", ["one", "two"]),
            ("/passwd", ["old", "new", "newer"]),
            ("/register", ["a b"]),
            ("/login ann", [" x"]),
        ],
    )
    def test_what_will_not_do_is_refused_here(self, line: str, answers: list[str]) -> None:
        assert isinstance(outcome(self.completes(line, answers)), MistypedError)

    def completes(self, line: str, answers: list[str]) -> Deferred[str]:
        questions = wanted(line)
        assert questions is not None
        return Deferred.fromCoroutine(completed(questions, lambda _: succeed(answers.pop(0))))


class DiscretionTests:
    @pytest.mark.parametrize(
        ("line", "shown"),
        [
            ("/register sesame", "/register ***"),
            ("/REGISTER sesame", "/REGISTER ***"),
            ("/login ann sesame", "/login ann ***"),
            ("/passwd old new", "/passwd ***"),
            ("/nick ann sesame", "/nick ann ***"),
            ("/claim 7F3K-Q2MD", "/claim ***"),
            ("/login ann", "/login ann"),
            ("/me waves  twice", "/me waves  twice"),
            ("register sesame", "register sesame"),
            ("", ""),
        ],
    )
    def test_secrets_are_left_out(self, line: str, shown: str) -> None:
        assert discreet(line) == shown

    def test_the_editor_remembers_none(self) -> None:
        history = DiscreetHistory()
        for line in ("/login ann sesame", "/login ann", "hi"):
            history.append_string(line)
        assert history.get_strings() == ["/login ann", "hi"]


class OwnedNameTests(Seated):
    def test_the_password_of_an_owned_name_is_asked_for(self) -> None:
        self.starts(nick="alice")
        self.link.now.answers("hello", ev="error", **OWNED)
        assert self.screen.question == "alice is a member's. Password of alice (Enter: another name): "
        assert self.screen.secret
        self.screen.types("sesame")
        assert (self.link.now.last("hello")["nick"], self.link.now.last("hello")["token"]) == ("alice", "sesame")
        self.link.now.welcomes(role="member", account="alice")
        self.link.now.lets_in()
        assert self.screen.lines[-1].startswith("You are alice (member) in #lobby")

    def test_another_name_may_be_taken_instead(self) -> None:
        self.starts(nick="alice")
        self.link.now.answers("hello", ev="error", **OWNED)
        self.screen.types("")
        assert (self.screen.question, self.screen.secret) == ("Another name: ", False)
        self.screen.types("al")
        assert "token" not in self.link.now.last("hello")

    def test_a_wrong_one_may_be_given_thrice(self) -> None:
        status = self.starts(nick="alice")
        self.link.now.answers("hello", ev="error", **OWNED)
        for _ in range(2):
            self.screen.types("wrong")
            self.link.now.answers("hello", ev="error", **WRONG)
            assert self.screen.question == "Not together. Password of alice (Enter: another name): "
        self.screen.types("wrong")
        self.link.now.answers("hello", ev="error", **WRONG)
        assert outcome(status) == 6
        assert self.reports == ["Not together."]


class CommandTests(Seated):
    @pytest.mark.parametrize(
        ("typed", "answers", "sent"),
        [
            ("/register", [(FIRST, "sesame12"), (AGAIN, "sesame12")], "/register sesame12"),
            ("/login ann", [("Password of ann: ", "sesame12")], "/login ann sesame12"),
            ("/passwd", [(OLD, "sesame12"), (NEW, "simsim12"), (AGAIN, "simsim12")], "/passwd sesame12 simsim12"),
        ],
    )
    def test_the_password_is_asked_for_where_nobody_sees_it(
        self, typed: str, answers: list[tuple[str, str]], sent: str
    ) -> None:
        server = self.is_in()
        self.screen.types(typed)
        for question, answer in answers:
            assert (self.screen.question, self.screen.secret) == (question, True)
            assert server.asked("command") == []
            self.screen.types(answer)
        assert server.last("command")["line"] == sent
        assert (self.screen.question, self.screen.secret) == ("[#lobby] ", False)
        server.answers("command", ev="error", code="bad_login", text="Not together.")
        assert self.screen.lines[0] == "! Not together."
        assert "sesame12" not in "".join(self.screen.lines)

    @pytest.mark.parametrize(
        ("answers", "line"),
        [
            (["one", "two"], "! Those were two different ones."),
            (["a b"], "! A password is one word, without blanks."),
            ([""], "-- (not sent) /register"),
        ],
    )
    def test_what_will_not_do_is_not_sent(self, answers: list[str], line: str) -> None:
        server = self.is_in()
        self.screen.types("/register", *answers)
        assert server.asked("command") == []
        assert self.screen.lines[0] == line
        assert self.screen.lines[-1] == "-- (not sent) /register"
        assert self.screen.question == "[#lobby] "

    @pytest.mark.parametrize("key", ["C-c", "C-d"])
    def test_one_may_think_better_of_it(self, key: str) -> None:
        server = self.is_in()
        self.screen.types("/login ann")
        self.screen.presses(key)
        assert (server.asked("command"), self.screen.lines) == ([], ["-- (not sent) /login ann"])
        assert self.screen.question == "[#lobby] "

    def test_the_server_may_want_one_for_any_command(self) -> None:
        server = self.is_in()
        self.screen.types("/nick ann")
        server.answers("command", ev="error", code="need_password", text="Password of ann:")
        assert (self.screen.question, self.screen.secret) == ("Password of ann: ", True)
        self.screen.types("sesame")
        assert server.last("command")["line"] == "/nick ann sesame"
        assert self.screen.lines == []

    def test_two_may_be_wanted_one_after_another(self) -> None:
        server = self.is_in()
        self.screen.types("/nick ann", "/nick bob")
        for request in server.asked("command"):
            text = f"Password of {request['line'][6:]}:"
            server.says({"ev": "error", "ref": request["ref"], "code": "need_password", "text": text})
        self.screen.types("one", "two")
        assert [request["line"] for request in server.asked("command")[2:]] == ["/nick ann one", "/nick bob two"]

    def test_where_others_could_read_it_the_server_is_asked_first(self) -> None:
        self.starts(nick="alice", private=False, insecure=True)
        self.link.now.welcomes()
        self.link.now.lets_in()
        self.screen.types("/register")
        assert self.link.now.last("command")["line"] == "/register"
        self.link.now.answers("command", ev="error", code="need_password", text="A password:")
        assert (self.screen.question, self.screen.secret) == (FIRST, True)

    def test_one_that_was_typed_into_the_line_is_not_shown_again(self) -> None:
        server = self.is_in()
        self.screen.types("/login ann sesame")
        server.answers("command", ev="error", code="bad_login", text="No.")
        self.link.breaks()
        self.screen.types("/login ann sesame")
        assert self.screen.lines == [
            "! No.",
            "-- (not sent) /login ann ***",
            "-- (goes out when the server is back) /login ann ***",
        ]

    def test_leaving_while_one_is_asked_for_is_leaving(self) -> None:
        self.is_in()
        self.screen.types("/login ann")
        self.link.now.says({"ev": "bye", "code": "quit"})
        assert outcome(self.status) == 0


class ReturningTests:
    def owned(self) -> tuple[Session, Heard, FakeConnection]:
        heard = Heard()
        session = Session(heard)
        connection = FakeConnection(session)
        session.connected(connection)
        session.enter("ci", "sesame")
        connection.welcomes("ci", account="ci")
        connection.lets_in()
        heard.told.clear()
        return session, heard, connection

    def returns(self, session: Session, connection: FakeConnection) -> FakeConnection:
        session.disconnected(connection)
        another = FakeConnection(session)
        session.connected(another)
        return another

    def test_it_comes_back_by_its_secret(self) -> None:
        session, heard, connection = self.owned()
        another = self.returns(session, connection)
        assert "token" not in another.last("hello")
        another.welcomes("ci")
        another.lets_in()
        assert heard.told[-1] == ("back", "")

    def test_a_server_that_has_forgotten_it_gets_the_password_again_each_time(self) -> None:
        session, heard, connection = self.owned()
        connection.says({"ev": "renamed", "room": "#lobby", "nick": "ci", "to": "cid"})
        for _ in range(2):
            connection = self.returns(session, connection)
            connection.answers("hello", ev="error", **OWNED)
            assert (connection.last("hello")["nick"], connection.last("hello")["token"]) == ("cid", "sesame")
            connection.welcomes("cid")
            connection.lets_in()
            assert heard.told[-1] == ("back", "")

    def test_one_that_is_wrong_by_now_is_the_end(self) -> None:
        session, heard, connection = self.owned()
        another = self.returns(session, connection)
        another.answers("hello", ev="error", **OWNED)
        another.answers("hello", ev="error", **WRONG)
        assert heard.told[-1] == ("ended",)
        assert heard.why is not None
        assert heard.why.words == "Not together."
        assert len(another.asked("hello")) == 2

    def test_whoever_gave_none_is_told(self) -> None:
        session, heard, connection = entered_session()
        another = self.returns(session, connection)
        another.answers("hello", ev="error", **OWNED)
        assert heard.told[-1] == ("ended",)
