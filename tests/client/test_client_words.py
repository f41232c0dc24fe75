from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from twisted.internet import error

from twistedchat.client.complete import possible_words
from twistedchat.client.exits import Place, cannot_connect, is_loopback, known_hosts, no_such_host, not_private
from twistedchat.client.options import Options, default_nick, parse
from twistedchat.client.screen import connected_to
from twistedchat.client.since import Since
from twistedchat.client.ways import Way

if TYPE_CHECKING:
    from pathlib import Path

USAGES = (
    *("/help [COMMAND]", "/me DOES...", "/msg NICK TEXT...", "/join #ROOM [KEY]"),
    *("/part [#ROOM] [WHY...]", "/who"),
)


class ExitTests:
    def test_a_name_that_was_mistyped_is_guessed(self) -> None:
        assert (
            no_such_host("locahost", ["localhost", "bee"]).words
            == 'Cannot find the computer "locahost". Did you mean localhost?'
        )
        assert no_such_host("xyz", ["localhost"]).words == 'Cannot find the computer "xyz".'

    def test_nothing_listening_here_says_how_to_start_it(self) -> None:
        why = cannot_connect(error.ConnectionRefusedError(), Place("localhost", 55555))
        assert (why.status, why.words) == (
            3,
            "Nothing listens on localhost:55555. Start the server:  twistd -n tcpchat --port 55555",
        )

    def test_nothing_listening_elsewhere_asks_whether_it_is_right(self) -> None:
        why = cannot_connect(error.ConnectionRefusedError(), Place("chat.example.org", 1))
        assert "twistd" not in why.words

    def test_what_the_network_says_otherwise_is_passed_on(self) -> None:
        why = cannot_connect(error.ConnectError(string="No route to host"), Place("h", 1))
        assert (why.status, "No route to host" in why.words) == (3, True)

    def test_without_a_terminal_the_open_network_needs_a_word(self) -> None:
        assert not_private(Place("h", 1)).status == 5
        assert "--insecure" in not_private(Place("h", 1)).words

    @pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"])
    def test_loopback_has_many_names(self, host: str) -> None:
        assert is_loopback(host)

    @pytest.mark.parametrize("host", ["192.0.2.1", "example.org", "fe80::1%eth0", ""])
    def test_elsewhere_is_not_loopback(self, host: str) -> None:
        assert not is_loopback(host)

    def test_names_are_known_from_the_hosts_file(self, tmp_path: Path) -> None:
        (tmp_path / "hosts").write_text("127.0.0.1 localhost\n192.0.2.1 bee bee.example # a comment\n")
        assert {"localhost", "bee", "bee.example"} <= set(known_hosts(tmp_path / "hosts"))
        assert "localhost" in known_hosts(tmp_path / "none")

    def test_places_read_as_people_write_them(self) -> None:
        assert str(Place("::1", 5)) == "[::1]:5"
        assert connected_to(Place("h", 5), Way()) == "Connected to h:5 (plain, over the network)."
        assert connected_to(Place("localhost", 5), Way(near=True)).endswith(":5 (plain, same computer).")


class OptionsTests:
    def test_a_fingerprint_is_whole_or_wrong(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert parse(["--fingerprint", "ab" * 32]).fingerprint == ":".join(["AB"] * 32)
        for wrong in (["--fingerprint", "AB:CD"], ["--tutorial", "--fingerprint", "ab" * 32]):
            with pytest.raises(SystemExit, match="64"):
                parse(wrong)
        assert "64 hexadecimal digits are needed" in capsys.readouterr().err

    def test_everything_has_a_default(self) -> None:
        assert parse([]) == Options(Place("localhost", 55555))

    def test_a_room_may_lack_its_sign_for_a_shell_takes_it_for_a_comment(self) -> None:
        assert parse(["h", "1", "--room", "ops"]).room == "#ops"
        assert parse(["--tail", "#ops", "--json"]) == Options(Place("localhost", 55555), tail="#ops", json=True)

    def test_a_pipe_has_its_password_from_the_environment(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TCPCHAT_TOKEN", "sesame")
        assert parse([]).token == "sesame"
        assert parse([], person=True).token == ""
        assert parse(["--tail", "ops"], person=True).token == "sesame"
        assert parse(["--say", "hi"], person=True).token == "sesame"
        assert "sesame" not in repr(parse([]))

    @pytest.mark.parametrize(
        "arguments",
        [
            ["h", "0"],
            ["h", "65536"],
            ["h", "x"],
            ["h", "1", "2"],
            ["--bogus"],
            ["--room"],
            ["--tail", "a", "--room", "b"],
            ["--tail", "a", "--say", ""],
            ["--tail", "a", "--since", "10"],
            ["--since", "10m"],
            ["--tutorial", "--say", "hi"],
            ["--tutorial", "--json"],
            ["--tutorial", "--room", "b"],
            ["--ni", "x"],
        ],
    )
    def test_a_mistake_is_status_64(self, arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(SystemExit) as ended:
            parse(arguments)
        assert ended.value.code == 64
        assert "Try tcpchat-client --help" in capsys.readouterr().err

    def test_json_is_not_for_people(self, capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(SystemExit):
            parse(["--json"], person=True)
        assert "--json is for a pipe" in capsys.readouterr().err

    def test_json_at_a_terminal_is_for_what_is_no_conversation(self) -> None:
        assert parse(["--json", "--say", "hi"], person=True).say == "hi"
        assert parse(["--json", "--tail", "ops", "--since", "all"], person=True).since == Since()

    def test_help_has_examples_and_every_status(self, capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(SystemExit) as ended:
            parse(["--help"])
        helped = capsys.readouterr().out
        assert ended.value.code == 0
        assert "examples:" in helped
        assert "64 wrong usage" in helped

    @pytest.mark.parametrize(
        ("user", "nick"), [("ann", "ann"), ("_www", "www"), ("a b", "ab"), ("\x1b[", ""), ("root", ""), ("x", "")]
    )
    def test_the_login_name_is_the_suggestion(self, user: str, nick: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("LOGNAME", user)
        assert default_nick() == nick


class CompletionTests:
    @pytest.mark.parametrize(
        ("before", "word", "words"),
        [
            ("", "/m", ["/me ", "/msg "]),
            ("", "/", ["/help ", "/join ", "/me ", "/msg ", "/part ", "/who "]),
            ("", "bo", ["bob: ", "Boris: "]),
            ("", "", []),
            ("hi ", "bo", ["bob ", "Boris "]),
            ("hi ", "", []),
            ("/msg ", "", ["alice ", "bob ", "Boris "]),
            ("/msg ", "BO", ["bob ", "Boris "]),
            ("/msg bob ", "al", ["alice "]),
            ("/help ", "m", ["me ", "msg "]),
            ("/join ", "#o", ["#ops "]),
            ("/join ", "OP", ["#ops "]),
            ("/j ", "", ["#lobby ", "#ops "]),
            ("/leave ", "#", ["#lobby ", "#ops "]),
            ("/part ", "#l", ["#lobby "]),
            ("/part ", "lo", []),
            ("/who ", "", []),
            ("/nope ", "", []),
        ],
    )
    def test_a_word_becomes_what_the_usage_has_there(self, before: str, word: str, words: list[str]) -> None:
        assert possible_words(before, word, USAGES, ["bob", "alice", "Boris"], ["#lobby", "#ops"]) == words
