# ruff: noqa: RUF001 - letters that look alike are what this is about
"""Texts: whatever is typed, nothing comes out that could pass for something else."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.chat.strategies import MOST, anything, texts
from twistedchat.chat.errors import BadNick, BadText, ChatError, TooLong
from twistedchat.chat.text import MARKS_TOGETHER, TEXT_LINES, message, nickname, one_line

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
BIDI = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
HARMFUL = {"Cc", "Cs", "Co", "Cn", "Zl", "Zp"}


class MessageTests:
    @pytest.mark.parametrize(
        "raw",
        [
            "hi",
            "  indented",
            "a  b",
            "ça va",
            "-- not the server",
            "line\nline",
            "one\n\n  three",
            "日本語",
            FAMILY,
            "❤️",
        ],
    )
    def test_texts_stay_as_they_are(self, raw: str) -> None:
        """What prints is kept to the letter, blanks inside it and newlines as well."""
        assert message(raw, MOST) == raw

    @pytest.mark.parametrize(
        ("raw", "text"),
        [
            ("trailing  ", "trailing"),
            ("a \nb\t\n", "a\nb"),
            ("\n\n first", " first"),
            ("a\r\nb\rc\x0bd\x0ce\x85f\u2028g\u2029h", "a\nb\nc\nd\ne\nf\ng\nh"),
            ("tab\there", "tab here"),
            ("10\xa0000\u202f€", "10 000 €"),
            ("全角\u3000空白", "全角 空白"),
            ("\x1b[31mred", "␛[31mred"),
            ("nul\0 bell\x07 del\x7f", "nul␀ bell␇ del␡"),
            ("c1\x9b2J", "c12J"),
            ("\u202eevil\u202c", "evil"),
            ("\u2066iso\u2069", "iso"),
            ("zero\u200bwidth\ufeff", "zerowidth"),
            ("tag\U000e0041\U000e0042", "tag"),
            ("private\ue000", "private"),
            ("half\ud83d", "half"),
            ("\u0301mark", "mark"),
            ("e\u0301", "e\u0301"),
            ("\u200d\u0301joined", "joined"),
            ("a\u200d", "a"),
            ("a \u200d b", "a  b"),
            ("a\u200d\u200db", "ab"),
            (f"e{8 * chr(0x301)}\u200dx", f"e{8 * chr(0x301)}\u200dx"),
            ("نمی\u200cخواهم", "نمی\u200cخواهم"),
            ("र\u200d्य", "र\u200d्य"),
        ],
    )
    def test_what_does_not_print(self, raw: str, text: str) -> None:
        """Line ends become newlines, control characters visible or nothing, and joiners stay inside words only."""
        assert message(raw, MOST) == text

    @pytest.mark.parametrize("raw", ["", " ", "\n \n", "\u202e", "\ufeff", "\u3000", "\u0301", "\r\n"])
    def test_nothing_is_no_message(self, raw: str) -> None:
        """What would show nothing is refused."""
        with pytest.raises(BadText, match="nothing in it"):
            message(raw, MOST)

    def test_length_is_counted_in_characters(self) -> None:
        """As many characters as are taken are taken, and not one more."""
        assert message("é" * MOST, MOST) == "é" * MOST
        with pytest.raises(TooLong, match="at most 400 characters; that one has 401"):
            message("x" * (MOST + 1), MOST)

    def test_lines_are_counted(self) -> None:
        """A message cannot push everything else off the screen."""
        assert message("\n".join("x" * TEXT_LINES), MOST).count("\n") == TEXT_LINES - 1
        with pytest.raises(TooLong, match="at most 20 lines; that one has 21"):
            message("\n".join("x" * (TEXT_LINES + 1)), MOST)

    @pytest.mark.parametrize("between", ["", "\u200d", "\u202e", "\u200b", "\x9b", "\ufeff"])
    def test_marks_cannot_be_heaped(self, between: str) -> None:
        """More than eight marks never stand on one letter, whatever invisible is put between them."""
        text = message("a" + f"{chr(0x0301) * 8}{between}" * 5 + "b", MOST)
        assert text.count("\u0301") == MARKS_TOGETHER
        assert (text[0], text[-1]) == ("a", "b")

    @given(anything)
    def test_text_holds_nothing_harmful(self, raw: str) -> None:
        """Whatever is typed: nothing comes out that controls a screen, turns writing round or is no character."""
        try:
            text = message(raw, MOST)
        except ChatError:
            return
        assert {unicodedata.category(char) for char in text.replace("\n", "")}.isdisjoint(HARMFUL)
        assert BIDI.isdisjoint(text)
        assert text.encode().decode() == text
        assert len(text) <= MOST
        assert text.count("\n") < TEXT_LINES
        assert all(line == line.rstrip() for line in text.split("\n"))

    @given(texts)
    def test_text_is_made_once(self, text: str) -> None:
        """What has been made a text stays as it is when it is made one again."""
        assert message(text, MOST) == text

    @given(anything)
    def test_heaps_of_marks_are_cut_everywhere(self, raw: str) -> None:
        """In no text do more than eight marks stand together."""
        try:
            text = message(raw, MOST)
        except ChatError:
            return
        runs = "".join(
            "m" if unicodedata.category(char) in {"Mn", "Me"} else " " for char in text if char != "\u200d"
        )
        assert max(map(len, runs.split()), default=0) <= MARKS_TOGETHER


class OneLineTests:
    def test_lines_are_put_together(self) -> None:
        """A reason that was typed on several lines fits on one."""
        assert one_line("gone\r\nto\nbed\u2028now", 200) == "gone to bed now"

    @given(anything)
    def test_it_is_one_line(self, raw: str) -> None:
        """Whatever is typed: no line end comes out, in anybody's sense of one."""
        try:
            line = one_line(raw, 200)
        except ChatError:
            return
        assert line.splitlines() == [line]


class RefusalTests:
    @given(st.text() | anything)
    def test_refusal_is_one_line(self, words: str) -> None:
        """A refusal that repeats what was typed is one line that controls nothing, and says the same otherwise."""
        text = ChatError(words).text
        assert text.isprintable()
        assert len(text) == len(words)
        assert all(ours in {theirs, "\ufffd"} for ours, theirs in zip(text, words, strict=True))


class NewScriptsTests:
    """Names and texts that this Python's tables know little of."""

    @pytest.mark.parametrize("name", ["नमस्ते", "สมชาย", "日本語"])
    def test_names_with_vowel_signs(self, name: str) -> None:
        """A script's own signs belong to its letters."""
        assert nickname(name) == name

    @pytest.mark.parametrize("name", ["ali\ufe0fce", "b\u0300\u0301\u0302\u0303", "न" + "\u0947" * 4])
    def test_names_with_other_signs(self, name: str) -> None:
        """Signs of no script, or a heap of them, do not."""
        with pytest.raises(BadNick):
            nickname(name)

    def test_new_emoji(self) -> None:
        """They are shown, whether this Python knows them yet or not."""
        assert message("\U0001fae9", 100) == "\U0001fae9"


class UntidyTests:
    """What is far too long is refused before anything is made of it."""

    def test_text_that_might_become_short(self) -> None:
        """Tidying may make a text shorter, but only so much of it is tidied."""
        assert message("x" + "\u200b" * 39, 10) == "x"
        with pytest.raises(TooLong, match="at most 10 characters; that one has 41"):
            message("x" + "\u200b" * 40, 10)

    @pytest.mark.parametrize("raw", ["\ufdfa" * 20_000, "e\u0301" * 20_000, "a" * 60_000])
    def test_name_that_never_ends(self, raw: str) -> None:
        """It is too long, whatever its letters are made of."""
        with pytest.raises(BadNick):
            nickname(raw)

    def test_blanks_around_a_name(self) -> None:
        """They are none of it, however many."""
        assert nickname(" " * 300 + "ann" + " " * 300) == "ann"
