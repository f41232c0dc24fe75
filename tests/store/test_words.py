"""Words, as the index knows them."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twistedchat.chat.errors import TooLong
from twistedchat.store.files import scripts
from twistedchat.store.words import any_of, clean, has_letters, indexed, query


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("hello world", "hello world"),
        ("Zwölf Boxkämpfer", "Zwölf Boxkämpfer"),
        ("世界", " 世  界 "),
        ("hello世界!", "hello 世  界 !"),
        ("ひらがな", " ひ  ら  が  な "),
        ("カタカナー", " カ  タ  カ  ナ  ー "),
        ("안녕", " 안  녕 "),
        ("人々\u3007", " 人  々  \u3007 "),
        ("\U00020bb7野家", " \U00020bb7  野  家 "),
        ("\uff48\uff45\uff4c\uff4c\uff4f", "hello"),
        ("ｶﾞ", " ガ "),
        ("か\u3099", " が "),
        ("ㄅㄆ ภาษา", "ㄅㄆ ภาษา"),
        ("\U0001f600", "\U0001f600"),
    ],
)
def test_what_is_indexed(text: str, expected: str) -> None:
    """Each East Asian character is a word; what is the same letter in another form is the same."""
    assert indexed(text) == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], ""),
        (["hello"], 'text : ("hello")'),
        (["hello", "world"], 'text : ("hello" AND "world")'),
        (["NEAR", "OR", "-x"], 'text : ("NEAR" AND "OR" AND "-x")'),
        (['say "hi"'], 'text : ("say ""hi""")'),
        (["wor*"], 'text : ("wor" *)'),
        (["w*r"], 'text : ("w*r")'),
        (["世界"], 'text : (" 世  界 ")'),
        (["*", "!", "\U0001f600", ""], ""),
        (["hello", "->"], 'text : ("hello")'),
    ],
)
def test_what_is_asked(words: list[str], expected: str) -> None:
    """One word is one phrase, in quotes; what has no letters is not asked for."""
    assert query("text", words) == expected


def test_any_of() -> None:
    """One of them is enough."""
    assert any_of("room", ["s1", "s2"]) == 'room : ("s1" OR "s2")'


@pytest.mark.parametrize(
    ("word", "expected"), [("a", True), ("7", True), ("世", True), ("...", False), ("\U0001f600", False), ("", False)]
)
def test_letters(word: str, expected: bool) -> None:  # noqa: FBT001
    """The index knows letters and digits."""
    assert has_letters(word) is expected


def test_how_much_can_be_asked() -> None:
    """Eight words, of 200 bytes together."""
    assert clean(["x" * 25] * 8) == ("x" * 25,) * 8
    for words in (["x"] * 9, ["x" * 25] * 7 + ["x" * 26], ["ö" * 101]):
        with pytest.raises(TooLong, match="search for 8 words at once, of 200 bytes together"):
            clean(words)


@given(st.lists(st.text(max_size=20), max_size=8), st.text(max_size=40))
def test_nothing_that_is_typed_is_an_error(words: list[str], text: str) -> None:
    """Whatever the words are, the index can be asked for them; and what is put in can be taken out."""
    try:
        asked = query("text", clean(words))
    except TooLong:
        return
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        for script in scripts():
            db.executescript(script)
        row = (1, indexed(text), "ann", "s1")
        db.execute("INSERT INTO words (rowid, text, nick, room) VALUES (?, ?, ?, ?)", row)
        if asked:
            db.execute("SELECT rowid FROM words WHERE words MATCH ?", (asked,)).fetchall()
        db.execute("INSERT INTO words (words, rowid, text, nick, room) VALUES ('delete', ?, ?, ?, ?)", row)
        assert db.execute("SELECT count(*) FROM words WHERE words MATCH 'ann OR s1'").fetchone() == (0,)
