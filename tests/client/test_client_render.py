from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twistedchat.client import wire
from twistedchat.client.render import clock_time, json_line, news, notice, plain, refusal, safe

HOSTILE = "\x1b]0;owned\x07\x9b31m\x00\x7f\r\u202eevil\u2066\u2028"
texts = st.text(max_size=60) | st.just(HOSTILE)


def shown(event: wire.News, me: str = "ann", room: str = "#lobby", **how: bool) -> list[str]:
    return [plain(line) for line in news(event, me, room, **how)]


class SafeTests:
    @given(texts)
    def test_no_control_character_gets_through(self, text: str) -> None:
        kinds = {unicodedata.category(char) for char in safe(text)}
        assert kinds.isdisjoint({"Cc", "Cs", "Co", "Cn", "Zl", "Zp"})

    @given(texts)
    def test_nothing_is_left_to_do_the_second_time(self, text: str) -> None:
        assert safe(safe(text)) == safe(text)

    @pytest.mark.parametrize("text", ["hello", "żółw", "日本語", "a\u200db", "👩\u200d🚀", "e\u0301"])
    def test_what_people_write_stays(self, text: str) -> None:
        assert safe(text) == text

    def test_what_terminals_obey_is_made_visible(self) -> None:
        assert safe("\x1b[2J\x07\x7f\x9b\ta\u202eb") == "␛[2J␇␡\ufffd ab"

    def test_marks_do_not_pile_up(self) -> None:
        assert safe("a" + "\u0301" * 50) == "a" + "\u0301" * 8


class NewsTests:
    @pytest.mark.parametrize(
        ("event", "lines"),
        [
            (wire.Said(room="#lobby", seq=1, nick="bob", text="hi"), ["bob: hi"]),
            (wire.Said(room="#lobby", seq=1, nick="bob", text="a\nb"), ["bob: a", "  | b"]),
            (wire.Said(room="#ops", seq=1, nick="bob", text="hi"), ["#ops bob: hi"]),
            (wire.Emoted(room="#lobby", seq=1, nick="bob", text="waves"), ["* bob waves"]),
            (wire.Topic(room="#lobby", seq=1, nick="bob", text="ship\x1b it"), ["-- bob set the topic: ship␛ it"]),
            (wire.Topic(room="#ops", seq=1, nick="bob", text=""), ["#ops -- bob took the topic away."]),
            (wire.Direct(nick="bob", to="ann", text="psst"), ["bob -> you: psst"]),
            (wire.Direct(nick="ann", to="bob", text="psst"), ["you -> bob: psst"]),
            (wire.Joined(room="#lobby", nick="bob"), ["bob joined!"]),
            (wire.Left(room="#lobby", nick="bob"), ["bob left!"]),
            (wire.Left(room="#lobby", nick="bob", why="lunch"), ["bob left! (lunch)"]),
            (wire.Renamed(room="#lobby", nick="bob", to="rob"), ["-- bob is now rob."]),
        ],
    )
    def test_each_kind_has_its_words(self, event: wire.News, lines: list[str]) -> None:
        assert shown(event) == lines

    def test_what_was_said_before_has_its_time(self) -> None:
        event = wire.Said(room="#lobby", seq=1, nick="bob", text="hi", at="2026-11-21T12:34:56.789Z")
        assert shown(event, dated=True)[0] == f"{clock_time(event.at)}bob: hi"
        assert clock_time(event.at).endswith("] ")

    @pytest.mark.parametrize("at", ["", "yesterday", "\x1b"])
    def test_a_time_that_is_none_is_left_out(self, at: str) -> None:
        assert clock_time(at) == ""

    @given(texts, texts)
    def test_nobodys_words_can_look_like_the_servers_or_obey_anything(self, nick: str, text: str) -> None:
        lines = shown(wire.Said(room=nick, seq=1, nick="n" + nick, text=text))
        assert not any(line.startswith(("-- ", "! ")) for line in lines[1:])
        assert all(
            char.isprintable() or char in "\u200c\u200d" for line in lines for char in line if char != " "
        ) or any(unicodedata.category(char) == "Zs" for line in lines for char in line)

    def test_the_servers_words_are_marked(self) -> None:
        assert [plain(line) for line in notice("a\nb\x1b")] == ["-- a", "-- b␛"]
        assert [plain(line) for line in refusal("no")] == ["! no"]


class JsonLineTests:
    @given(texts)
    def test_the_value_is_the_same_and_nothing_can_be_obeyed(self, text: str) -> None:
        text = text.encode("utf-8", "replace").decode()
        line = json_line(wire.Said(room="#lobby", seq=1, nick="bob", text=text))
        assert json.loads(line)["text"] == text
        kinds = {unicodedata.category(char) for char in line.decode().rstrip("\n")}
        assert kinds.isdisjoint({"Cc", "Zl", "Zp"})
        assert line.count(b"\n") == 1
