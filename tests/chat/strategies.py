# ruff: noqa: RUF001 - letters that look alike are what this is about
"""What people might type, and what becomes of it: for the properties that must hold whatever it is."""

from __future__ import annotations

from hypothesis import strategies as st

from twistedchat.chat.errors import ChatError
from twistedchat.chat.text import message, nickname

MOST = 400
"""How many characters a text of these has at most."""

_TRAPS = st.sampled_from(
    [
        *("\n", "\r\n", "\r", "\x1b[2J", "\x1b]0;x\x07", "\0", "\x9b", "\x85", "\u2028", "\ud800", "\udfff"),
        *("\u202e", "\u2066", "\u200d", "\u200b", "\ufeff", "\U000e0041", "\ufe0f", "\u0301", "\u0301" * 9),
        *("\xa0", "\u3000", "\t", " ", "  | ", "-- ", "! ", "* ", ": ", " -> you: ", " joined!", " left!"),
        *(
            "#lobby ",
            "[Sat 21:14] ",
            "bob",
            "NICK",
            "\u2757",
            "\U0001f468\u200d\U0001f469",
            "\ufdfa",
            "\uff1a",
            "\uff01",
        ),
    ]
)

anything = st.lists(_TRAPS | st.text(max_size=8), max_size=12).map("".join)
"""Text with all that could do harm in it."""

texts = st.lists(_TRAPS | st.text(max_size=8), max_size=12).map("".join).map(lambda raw: _made(raw, f"x{raw[:200]}"))
"""Texts as the chat makes them."""

_LETTERS = st.sampled_from("abcxyzABCXYZ0123456789_.-éüñßøłıİǅ")
_CYRILLIC = st.sampled_from("абвгдеёжийопрстухАВЕКМНОРСТХѕіј0123456789_.-")
_GREEK = st.sampled_from("αβγδεικνορτυχΑΒΕΖΗΙΚΜΝΟΡΤΥΧόύ0123456789_.-")
_KANJI = st.sampled_from("日本語ひらがなカタカナ中文한글0123456789_.-")


def _made(raw: str, instead: str) -> str:
    try:
        return message(raw, MOST)
    except ChatError:
        return message(instead, MOST)


def _is_nickname(raw: str) -> bool:
    try:
        nickname(raw)
    except ChatError:
        return False
    return True


nicknames = (
    (st.sampled_from([_LETTERS, _CYRILLIC, _GREEK, _KANJI]) | st.just(st.characters(categories=["L", "Nd"])))
    .flatmap(lambda letters: st.text(letters, min_size=2, max_size=12))
    .filter(_is_nickname)
    .map(nickname)
)
"""Nicknames as the chat makes them."""
