"""Text lines: what a person sees, and what a typed line asks for."""

from __future__ import annotations

import re
from datetime import UTC
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.dialects.screens import ME, NOON, acts, entry, events, read, spoken, telling
from twistedchat.chat.acts import Dropped, LoggedIn, LoggedOut, Opened, Registered
from twistedchat.chat.errors import BadText, ChatError, NickTaken
from twistedchat.chat.events import Arrived, Departed, Direct, Emoted, Joined, Left, Renamed, Said, TopicSet
from twistedchat.chat.prefs import Prefs
from twistedchat.chat.replies import Told
from twistedchat.dialects.line import LineDialect
from twistedchat.dialects.requests import Command, Hello, Nothing, Request, Say
from twistedchat.dialects.wire import (
    Acked,
    Answer,
    Entered,
    Farewell,
    Live,
    Past,
    Pinged,
    Ponged,
    Preferences,
    Prompt,
    View,
    Welcome,
    joined,
)

if TYPE_CHECKING:
    from twistedchat.chat.events import Event

LINE = LineDialect(zone=UTC)
HERE, ELSEWHERE = View("#lobby", me=ME), View("#lobby", active=False, me=ME)
DAY = 86_400_000


class DecodeTests:
    @pytest.mark.parametrize(
        ("line", "request_"),
        [
            ("hello", Say(text="hello")),
            ("  indented ", Say(text="  indented ")),
            ("//quit is a word", Say(text="/quit is a word")),
            ("/me waves", Command(line="/me waves")),
            ("/", Command(line="/")),
            (":q", Command(line="/quit")),
            (" :q ", Command(line="/quit")),
            (":quiet", Say(text=":quiet")),
            ("", Nothing()),
            (" \t ", Nothing()),
            ("hellp\bo", Say(text="hello")),
            ("x\x7f\x7f\x7fhi", Say(text="hi")),
            ("x\b", Nothing()),
            ("é\b/quit", Command(line="/quit")),
            ("tschüß", Say(text="tschüß")),
            ("s/old/new/", Command(line="/edit s/old/new/")),
            ("s/old/new \t", Command(line="/edit s/old/new/")),
            ("s/old//", Command(line="/edit s/old//")),
            ("s/old/", Command(line="/edit s/old//")),
            (r"s/1\/2/a\b/", Command(line=r"/edit s/1\/2/a\b/")),
            (r"s/a\/b", Say(text=r"s/a\/b")),
            ("s/old", Say(text="s/old")),
            ("s//new/", Say(text="s//new/")),
            ("s/a/b/c", Say(text="s/a/b/c")),
            ("s/a/b/g", Command(line="/edit s/a/b/g")),
            ("s/a/b/x", Say(text="s/a/b/x")),
            (" s/a/b/", Say(text=" s/a/b/")),
        ],
    )
    def test_typed_line(self, line: str, request_: Request) -> None:
        """A line is said, unless it begins with a slash; backspace takes back what the terminal did not."""
        assert LINE.decode(line.encode(), named=True) == request_

    @pytest.mark.parametrize(
        ("line", "request_"),
        [
            (" ann ", Hello(nick="ann")),
            ("/quit", Hello(nick="/quit")),
            ("anm\bn", Hello(nick="ann")),
            ("ann s3cret", Hello(nick="ann", token="s3cret")),
            ("  ann   two words ", Hello(nick="ann", token="two words")),
            ("", Nothing()),
        ],
    )
    def test_first_line_is_the_name(self, line: str, request_: Request) -> None:
        """Before one has a name, whatever is typed is taken for it, and what follows for its password."""
        assert LINE.decode(line.encode(), named=False) == request_

    @pytest.mark.parametrize("line", [b"\xff", b"caf\xe9", b"\xed\xa0\x80", b"\xc0\xaf", b"\xf0\x9f\x98"])
    def test_line_that_is_not_utf8(self, line: bytes) -> None:
        """What nobody could read is refused with the reason."""
        with pytest.raises(BadText, match="not UTF-8"):
            LINE.decode(line, named=True)

    @given(st.binary() | st.text().map(str.encode), st.booleans())
    def test_any_bytes(self, line: bytes, named: bool) -> None:  # noqa: FBT001 - Hypothesis gives it
        """Whatever bytes come, they are a request or a refusal, and nothing else happens."""
        try:
            request = LINE.decode(line, named=named)
        except ChatError:
            return
        assert isinstance(request, Say | Command if named else Hello) or request == Nothing()


class EncodeTests:
    @pytest.mark.parametrize(
        ("event", "line"),
        [
            (Said("bob", "hi alice"), "bob: hi alice"),
            (Said("bob", "two\n\nlines"), "bob: two\r\n  | \r\n  | lines"),
            (Emoted("bob", "waves"), "* bob waves"),
            (Direct("bob", ME, "psst"), "bob -> you: psst"),
            (Direct(ME, "bob", "yes?"), "you -> bob: yes?"),
            (Joined("bob", "s1"), "bob joined!"),
            (Departed("bob", "s1", "g1"), "bob left!"),
            (Left("bob", "s1", "lunch"), "bob left! (lunch)"),
            (TopicSet("bob", "ship it"), "-- bob set the topic: ship it"),
            (TopicSet("bob", ""), "-- bob took the topic away."),
            (Departed("bob", "s1", "g1", why="bedtime"), "bob left! (bedtime)"),
            (Renamed("bob", "s1", "rob"), "-- bob is now rob."),
            (LoggedIn("bob", "s1", "g1", "@1", "rob"), "-- bob is now rob."),
            (LoggedOut("rob", "s1", "g1", "bob"), "-- rob is now bob."),
        ],
    )
    def test_events(self, event: Event, line: str) -> None:
        """Each kind of event has its line; of a room that is not the active one it begins with the room's name."""
        assert LINE.encode(entry(event), HERE).decode() == f"{line}\r\n"
        assert LINE.encode(entry(event), ELSEWHERE).decode() == f"#lobby {line}\r\n"

    @pytest.mark.parametrize(
        "event",
        [
            Opened("", "#ops"),
            Arrived("bob", "s1", "g1"),
            LoggedIn("bob", "s1", "g1", "@1", "bob"),
            LoggedOut("bob", "s1", "g1", "bob"),
            Dropped("", empty=True),
            Registered("bob", "@1", "hash"),
        ],
    )
    def test_what_is_no_news(self, event: Event) -> None:
        """What concerns nobody in a room is not told."""
        assert LINE.encode(entry(event), HERE) == b""
        assert LINE.encode(entry(event), ELSEWHERE) == b""

    @given(st.lists(events, max_size=5))
    def test_screen_can_be_read_back(self, happened: list[Event]) -> None:
        """Whatever anybody is called and writes: from the screen alone one can tell who did what, in what order."""
        screen = joined(LINE, [entry(event) for event in happened], HERE)
        assert read(screen) == [telling(event) for event in happened]

    @given(events)
    def test_lines_from_elsewhere_can_be_read_back(self, event: Event) -> None:
        """A line of another room says so, and is otherwise the same line."""
        screen = LINE.encode(entry(event), ELSEWHERE)
        assert screen.startswith(b"#lobby ")
        assert screen == b"#lobby " + LINE.encode(entry(event), HERE)

    @given(st.lists(acts, max_size=5))
    def test_acts_on_the_server_can_be_read_back(self, happened: list[Event]) -> None:
        """What holds for the whole server is told from what holds in one room."""
        screen = joined(LINE, [entry(event, stream="") for event in happened], HERE)
        assert read(screen) == [telling(event, stream="") for event in happened]

    @given(acts)
    def test_the_server_says_what_people_do(self, event: Event) -> None:
        """Their words come last, and their further lines are marked as those of any message."""
        lines = LINE.encode(entry(event), HERE).decode().split("\r\n")[:-1]
        assert lines[0].startswith(f"-- {event.nick}")
        assert [line for line in lines[1:] if not line.startswith("  | ")] == []

    @given(spoken)
    def test_nobody_speaks_like_the_server(self, event: Event) -> None:
        """What a person wrote never stands on a line that begins like one of the server's or another's."""
        lines = LINE.encode(entry(event), HERE).decode().split("\r\n")[:-1]
        assert [line for line in lines if line.startswith(("-- ", "! ", "NICK> "))] == []
        assert [line for line in lines[1:] if not line.startswith("  | ")] == []
        if lines[0].endswith((" joined!", " left!")) and not isinstance(event, Joined | Departed):
            assert re.match(r"\* |[\w.-]+: |[\w.-]+ -> [\w.-]+: |-- ", lines[0])

    @given(events)
    def test_one_message_is_as_many_lines_as_it_has(self, event: Event) -> None:
        """Nothing that anybody writes makes a line more than its own newlines."""
        written = getattr(event, "text", "").count("\n") + 1
        screen = LINE.encode(entry(event), HERE).decode()
        assert screen.count("\r") == screen.count("\n") == written
        assert len(screen.splitlines()) == written


class AnswerTests:
    @pytest.mark.parametrize(
        ("answer", "screen"),
        [
            (BadText("There is nothing in it."), "! There is nothing in it.\r\n"),
            (NickTaken("ann is here already.", "ann2"), "! ann is here already.\r\n"),
            (BadText("a\r\n-- b\x1b[2J"), "! a\ufffd\ufffd-- b\ufffd[2J\r\n"),
            (Told(("one", "two")), "-- one\r\n-- two\r\n"),
            (Past("#lobby", (), 0, NOON), "-- Nothing has been said in #lobby yet.\r\n"),
            (
                Past("#lobby", (entry(Said("bob", "hi")),), 9, NOON),
                "[Tue 22:13] bob: hi\r\n-- 1 message --\r\n",
            ),
            (
                Past("#lobby", (entry(Said("bob", "a\nb")), entry(Emoted("bob", "waves"))), 9, NOON),
                "[Tue 22:13] bob: a\r\n  | b\r\n[Tue 22:13] * bob waves\r\n-- 2 messages --\r\n",
            ),
            (Live("#lobby", 3, replayed=2), "-- now --\r\n"),
            (Live("#lobby", 0), ""),
            (Prompt("Password: "), "Password: "),
            (Preferences(Prefs()), ""),
            (Farewell("quit", "Goodbye."), "-- Goodbye.\r\n"),
            (Farewell("restarting", "Back soon.", 3), "! Back soon.\r\n"),
            (
                Entered("#ops", "r1", 3, "guest", ("ann", "bob"), ("~ann", "bob"), "ship it"),
                (
                    "-- You are in #ops (2 people: ~ann, bob). What you type goes here;"
                    " lines from elsewhere carry their room.\r\n-- Topic: ship it\r\n"
                ),
            ),
            (Acked(entry(Said("bob", "hi")), "#lobby"), ""),
            (Pinged(1), ""),
            (Ponged(1), ""),
        ],
    )
    def test_answers(self, answer: Answer, screen: str) -> None:
        """Refusals begin with an exclamation mark, other answers with two dashes; a program's are not shown."""
        assert LINE.answer(answer, 1).decode() == screen

    def test_welcome(self) -> None:
        """A newcomer is told their name, where they are, and what to type."""
        welcome = Welcome("bee", "e1", "ann", "guest", "#lobby", (), "", 4000, (10, 2.0), 60, NOON)
        assert LINE.answer(welcome, None).decode() == (
            "Connected to server! You are ann, a guest, in #lobby."
            " Messages here are kept.  /help  /join #room  /quit\r\n"
        )

    def test_welcome_of_an_admin(self) -> None:
        """Members are told what they are; what the server has to say today comes after it."""
        welcome = Welcome(
            *("bee", "e1", "ann", "admin", "#lobby", (), "", 4000, (10, 2.0), 60, NOON),
            inside=False,
            account="ann",
            motd="Be kind.\nCake at four.",
        )
        assert LINE.answer(welcome, None).decode() == (
            "Connected to server! You are ann, an admin.  /help  /join #room  /quit\r\n"
            "-- Be kind.\r\n-- Cake at four.\r\n"
        )

    @given(st.text())
    def test_refusals_are_one_line(self, words: str) -> None:
        """A refusal that repeats what was typed is one line, whatever that was."""
        [(kind, _)] = read(LINE.answer(ChatError(words), None))
        assert kind == "refused"


class ReplayTests:
    def test_past_stands_under_its_mark(self) -> None:
        """What was said before is told with its time; the first page says how much of how much it is."""
        past = Past("#lobby", (entry(Said("bob", "hi")), entry(Emoted("bob", "waves"))), 9, NOON, 2)
        assert LINE.replay(past, HERE).decode() == (
            "-- last 2 of 9 --\r\n[Tue 22:13] bob: hi\r\n[Tue 22:13] * bob waves\r\n"
        )

    def test_further_page_has_no_mark(self) -> None:
        """A past that is told in pages begins once."""
        past = Past("#lobby", (entry(Said("bob", "hi")),), 9, NOON)
        assert LINE.replay(past, ELSEWHERE).decode() == "[Tue 22:13] #lobby bob: hi\r\n"

    def test_nothing_before(self) -> None:
        """Where nothing was said nothing is told."""
        assert LINE.replay(Past("#lobby", (), 0, NOON), HERE) == b""

    @pytest.mark.parametrize(
        ("days", "time"),
        [(0, "[Tue 22:13]"), (5, "[Thu 22:13]"), (6, "[2023-11-08 22:13]"), (400, "[2022-10-10 22:13]")],
    )
    def test_time_of_long_ago_has_its_date(self, days: int, time: str) -> None:
        """The name of a day is enough as long as it can only be one."""
        past = Past("#lobby", (entry(Said("bob", "hi"), at=NOON - days * DAY),), 1, NOON)
        assert LINE.replay(past, HERE).decode() == f"{time} bob: hi\r\n"


class PreferenceTests:
    def test_equal_preferences_share_bytes(self) -> None:
        """Two people with the same preferences speak the same dialect; their own lines are not repeated to them."""
        assert len({LineDialect(), LineDialect(), LineDialect(zone=UTC)}) == 2
        assert not LineDialect().echo
