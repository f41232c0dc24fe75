from __future__ import annotations

import pytest
from twisted.internet.defer import Deferred, succeed

from tests.client.helpers import FakeConnection, Heard, entered_session, outcome
from tests.client.seat import Seated
from twistedchat.client.editor import DiscreetHistory
from twistedchat.client.passwords import MistypedError, completed, discreet, refused, wanted
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
            ("/login ann", ["Password of ann: "]),
            ("/ login ann", ["Password of ann: "]),
        ],
    )
    def test_commands_without_their_password(self, line: str, questions: list[str]) -> None:
        found = wanted(line)
        assert found is not None
        assert (found.command, found.texts) == (line, questions)

    @pytest.mark.parametrize(
        "line", ["/register x", "/login", "/login ann x", "/passwd", "/nick ann", "/who", "/", "", "login ann"]
    )
    def test_other_lines_want_none(self, line: str) -> None:
        assert wanted(line) is None

    def test_the_servers_own_question_is_asked(self) -> None:
        vault = refused("/vault 7", "need_password", "Its word:")
        assert vault is not None
        assert (vault.command, vault.texts, vault.new) == ("/vault 7", ["Its word: "], False)

    @pytest.mark.parametrize(
        ("line", "code", "command", "texts"),
        [
            ("/nick ann", "need_password", "/nick ann", ["Password of ann: "]),
            ("/nick ann", "nick_owned", "/nick ann", ["Password of ann: "]),
            ("/Nick ann x", "bad_login", "/nick ann", ["Password of ann: "]),
            ("/login ann x", "bad_login", "/login ann", ["Password of ann: "]),
            ("/register x", "bad_text", "/register", [FIRST]),
            ("/passwd", "need_password", "/passwd", [OLD, NEW]),
            ("/passwd old", "need_password", "/passwd old", [NEW]),
            ("/passwd old x", "bad_login", "/passwd", [OLD, NEW]),
            ("/passwd old x", "bad_text", "/passwd old", [NEW]),
        ],
    )
    def test_what_was_refused_is_asked_again(self, line: str, code: str, command: str, texts: list[str]) -> None:
        found = refused(line, code, "No.")
        assert found is not None
        assert (found.command, found.texts, found.new) == (command, texts, not command.startswith(("/n", "/l")))

    @pytest.mark.parametrize(
        ("line", "code"),
        [
            ("/nick ann", "nick_taken"),
            ("/claim x", "bad_login"),
            ("/topic x", "bad_text"),
            ("/login a b", "slow_down"),
        ],
    )
    def test_other_refusals_are_final(self, line: str, code: str) -> None:
        assert refused(line, code, "No.") is None

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
        questions = refused(line, "need_password", "")
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
            ("/ login ann sesame", "/ login ann ***"),
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
