"""Words, as the search index knows them, and how it is asked for what somebody typed."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from twistedchat.chat.errors import TooLong

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

WORDS_MOST, BYTES_MOST = 8, 200
"""What can be looked for at once, in words and in UTF-8."""

_EAST_ASIAN = re.compile(
    "["
    "\u1100-\u11ff\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3031-\u3035\u3038-\u303c"
    "\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3131-\u318e\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7a3\ud7b0-\ud7ff\uf900-\ufaff"
    "\U0001aff0-\U0001b16f\U00020000-\U0003ffff"
    "]"
)
"""Han, Hiragana, Katakana and Hangul, which are written without spaces between the words, or find parts of them."""


def indexed(text: str) -> str:
    """Return `text` as it is put into the index, and must be given again to be taken out.

    Each East Asian character is a word there, so that whatever part of a running text
    is found as a phrase. What this returns must not change while there is an index
    that was made with it.
    """
    if text.isascii():
        return text
    return _EAST_ASIAN.sub(r" \g<0> ", unicodedata.normalize("NFKC", text))


def query(column: str, words: Iterable[str]) -> str:
    """Return what the index is asked, in its own language, for all of the words in one column; "" for nothing.

    Whatever is in a word is looked for and not obeyed: it stands in quotes. A ``*`` at
    its end says that it is a beginning.
    """
    phrases = [_phrase(word) for word in words if has_letters(word)]
    return f"{column} : ({' AND '.join(phrases)})" if phrases else ""


def any_of(column: str, tokens: Iterable[str]) -> str:
    """Return what the index is asked for any of the tokens in one column."""
    return f"{column} : ({' OR '.join(map(_phrase, tokens))})"


def clean(words: Sequence[str]) -> tuple[str, ...]:
    """Return the words without what cannot be asked for; raise `TooLong` where it is too much."""
    if len(words) > WORDS_MOST or sum(len(word.encode("utf-8", "replace")) for word in words) > BYTES_MOST:
        raise TooLong(f"You can search for {WORDS_MOST} words at once, of {BYTES_MOST} bytes together.")
    return tuple(word.encode("utf-8", "replace").decode().replace("\0", " ") for word in words)


def has_letters(word: str) -> bool:
    """Tell whether there is anything in a word that the index knows: a letter or a digit."""
    return any(unicodedata.category(char)[0] in "LN" or unicodedata.category(char) == "Co" for char in indexed(word))


def _phrase(word: str) -> str:
    beginning = word.endswith("*")
    quoted = '"' + indexed(word.rstrip("*") if beginning else word).replace('"', '""') + '"'
    return quoted + " *" if beginning else quoted
