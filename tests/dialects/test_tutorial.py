# ruff: noqa: RUF001 - letters beyond ASCII are what this is about
"""What the tutorial's own client speaks: pieces of ASCII, ended by nothing at all."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.dialects.screens import ME, NOON, entry, events, read, telling
from twistedchat.chat.errors import BadText
from twistedchat.chat.events import Departed, Direct, Emoted, Joined, Said
from twistedchat.chat.replies import Told
from twistedchat.dialects.line import LineDialect
from twistedchat.dialects.requests import Command, Hello, Say
from twistedchat.dialects.tutorial import WRITE_MOST, TutorialDialect, in_ascii, messages, pieces
from twistedchat.dialects.wire import Past, View

if TYPE_CHECKING:
    from twistedchat.chat.events import Event

TUTORIAL = TutorialDialect(LineDialect(zone=UTC))
VIEW = View("#lobby", me=ME)

_spoken = st.lists(
    st.sampled_from([b"ann: ", b"ann:", b"ann", b"\n", b"\r\n", b"hi", b" "]) | st.binary(max_size=4)
).map(b"".join)


class DialectTests:
    def test_requests_are_those_of_text_lines(self) -> None:
        """The first message is the name, the others are said; commands work as well."""
        assert TUTORIAL.decode(b"ann", named=False) == Hello(nick="ann")
        assert TUTORIAL.decode(b"hello", named=True) == Say(text="hello")
        assert TUTORIAL.decode(b"/who", named=True) == Command(line="/who")

    def test_what_that_client_cannot_have_sent(self) -> None:
        """It encodes ASCII, so anything else is refused."""
        with pytest.raises(BadText, match="not ASCII"):
            TUTORIAL.decode("café".encode(), named=True)

    def test_everything_is_told_in_ascii(self) -> None:
        """Events, the past and answers are text lines in ASCII that end in a newline only."""
        said = entry(Said("zoë", "ça va\nпривет"))
        assert TUTORIAL.encode(said, VIEW) == b"zoe: ca va\n  | ??????\n"
        assert TUTORIAL.replay(Past("#lobby", (said,), 1, NOON, 1), VIEW).startswith(
            b"-- last 1 of 1 --\n[Tue 22:13] zoe: ca"
        )
        assert TUTORIAL.answer(Told(("“zoë”",)), None) == b"-- ?zoe?\n"
        assert not TUTORIAL.echo
        assert TUTORIAL.hidden(said, VIEW) == b""

    @given(events)
    def test_nobody_speaks_like_the_server(self, event: Event) -> None:
        """Also in ASCII there are as many lines as before, and none of a person's is like the server's."""
        told = TUTORIAL.encode(entry(event), VIEW)
        lines = told.decode("ascii").split("\n")
        assert lines.pop() == ""
        assert len(lines) == getattr(event, "text", "").count("\n") + 1
        assert all(line.isprintable() for line in lines)
        spoken = isinstance(event, Said | Emoted | Direct | Joined | Departed)
        assert [line for line in lines[not spoken :] if line.startswith(("-- ", "! "))] == []
        if told.isascii() and TUTORIAL.text.encode(entry(event), VIEW).isascii():
            assert read(told, "\n") == [telling(event)]


class MessagesTests:
    @pytest.mark.parametrize(
        ("segment", "found"),
        [
            (b"ann: hello", [b"hello"]),
            (b"hello", [b"hello"]),
            (b"ann: oneann: two", [b"one", b"two"]),
            (b"ann: one\nann: two\r\nthree", [b"one", b"two", b"three"]),
            (b"bob: I am bob", [b"bob: I am bob"]),
            (b"ann: ", []),
            (b"\n\n", []),
            (b"", []),
        ],
    )
    def test_segments(self, segment: bytes, found: list[bytes]) -> None:
        """One segment is one message, unless newlines or further names show that it is several."""
        assert messages(segment, b"ann: ") == found

    def test_before_there_is_a_name(self) -> None:
        """Without a name only newlines part messages."""
        assert messages(b"ann: one\ntwo", b"") == [b"ann: one", b"two"]

    @given(_spoken)
    def test_nothing_is_lost_but_names_and_line_ends(self, segment: bytes) -> None:
        """Whatever comes: the messages together are what came, without its line ends and the sender's name."""
        found = messages(segment, b"ann: ")
        assert b"".join(found) == b"".join(
            line.replace(b"ann: ", b"") for line in segment.replace(b"\r", b"\n").split(b"\n")
        )
        assert all(message and b"\n" not in message and b"\r" not in message for message in found)


class AsciiTests:
    @pytest.mark.parametrize(
        ("text", "plain"),
        [
            ("plain -- ! text\r\n", b"plain -- ! text\n"),
            ("Zoë à Łódź", b"Zoe a ?odz"),
            ("ﬁne … x²", b"fine ... x2"),
            ("привет", b"??????"),
            ("😀", b"?"),
        ],
    )
    def test_letters(self, text: str, plain: bytes) -> None:
        """Letters lose their accents, what has no likeness in ASCII is a question mark."""
        assert in_ascii(text.encode()) == plain

    @given(st.text(st.characters(exclude_categories=["Cs"])))
    def test_it_is_ascii_and_as_many_lines(self, text: str) -> None:
        """Whatever is told, it is ASCII; no line end appears or goes, and what is ASCII already stays."""
        plain = in_ascii(text.encode())
        assert plain.isascii()
        assert plain.count(b"\n") == text.count("\n")
        assert plain.replace(b"\r\n", b"\n") == plain or "\r\r\n" in text or not text.isascii()
        assert in_ascii(plain.replace(b"\r", b"")) == plain.replace(b"\r", b"")


class PiecesTests:
    def test_writes_end_where_lines_end(self) -> None:
        """What fits is one write; the rest is cut behind a line end, so that each write shows whole lines."""
        line = b"x" * 299 + b"\n"
        assert pieces(line * 3) == [line * 3]
        assert pieces(line * 7) == [line * 3, line * 3, line]

    def test_line_that_is_too_long_for_a_write(self) -> None:
        """Where no line ends, it is cut all the same."""
        assert pieces(b"x" * 2500) == [b"x" * 1000, b"x" * 1000, b"x" * 500]

    @given(
        st.lists(st.integers(0, 1500), max_size=8).map(lambda sizes: b"".join(b"x" * size + b"\n" for size in sizes))
    )
    def test_writes_are_short_and_whole(self, chunk: bytes) -> None:
        """Whatever is told: no write is longer than one recv of that client, none is empty, and none is lost."""
        writes = pieces(chunk)
        assert b"".join(writes) == chunk
        assert all(0 < len(write) <= WRITE_MOST for write in writes) or not chunk
