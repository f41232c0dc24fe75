"""The only ways to make a nickname and a text: none can hold another door's syntax."""

from __future__ import annotations

import re
import unicodedata
from contextlib import suppress
from functools import cache, lru_cache

from twistedchat.chat.errors import BadNick, BadRoom, BadText, TooLong

NICK_SHORTEST, NICK_LONGEST = 2, 24
TEXT_LINES = 20
REASON_MOST = 200
TOPIC_MOST = 300
MARKS_TOGETHER = 8
"""Combining marks on one letter; more only serve to paint over other lines."""
MARKS_IN_NICK = 3
UNTIDY_MOST = 200
"""Characters of a name that are looked at: more are too many, whatever is made of them."""
UNTIDY_TIMES = 4
"""How many times too long a text may be before it is tidied, which may make it shorter."""

RESERVED = frozenset(
    {"admin", "administrator", "everyone", "guest", "help", "here", "lobby", "moderator", "nick", "nobody"}
    | {"operator", "owner", "root", "server", "services", "staff", "support", "sysop", "system", "tcpchat", "you"}
)

_NICK = re.compile(r"[^\W_][\w.\-]*", re.UNICODE)
_ADDRESS = re.compile(r"[0-9]+(\.[0-9]+){3}")
_LINE_ENDS = re.compile("\r\n|[\r\n\v\f\x85\u2028\u2029]")
_JOINERS = frozenset("\u200c\u200d")
_BLANKS = re.compile("[\t\xa0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_FILLERS = frozenset("\u115f\u1160")
"""Letters that show nothing at all; NFKC makes the other two fillers of Hangul one of these."""
_NEW_EMOJI = frozenset(map(chr, range(0x1F300, 0x1FB00)))
"""Where Unicode puts new emoji, which this Python may not know of yet."""
_EAST_ASIAN = frozenset({"HAN", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO"})


def nickname(raw: str, reserved: frozenset[str] | None = None) -> str:
    """Return `raw` as a nickname in NFKC, or raise `BadNick` saying what is wrong with it.

    Forms in `reserved` are nobody's; without it those of the usual names of authority.
    """
    nick = unicodedata.normalize("NFKC", raw.strip()[:UNTIDY_MOST]).strip()
    if not nick:
        raise BadNick("A nickname is needed.")
    if not nick.isprintable() or " " in nick or not _FILLERS.isdisjoint(nick):
        raise BadNick("A nickname is one word, without spaces.")
    if len(nick) < NICK_SHORTEST or len(nick) > NICK_LONGEST:
        raise BadNick(f"A nickname has {NICK_SHORTEST} to {NICK_LONGEST} characters; that one has {len(nick)}.")
    if not _NICK.fullmatch(_without_own_marks(nick)):
        raise BadNick("A nickname begins with a letter or a digit and goes on with letters, digits, _ - and .")
    if len(_scripts(nick)) > 1:
        raise BadNick("A nickname is of one script; that one mixes several.")
    if not (_reserved() if reserved is None else reserved).isdisjoint(likenesses(nick)):
        raise BadNick(f"{nick} is reserved.")
    if reserved is None and _ADDRESS.fullmatch(nick):
        raise BadNick("A nickname is no address: who bans one would miss the other.")
    return nick


def room_name(raw: str) -> str:
    """Return `raw` as a room's name, with its ``#``, or raise `BadRoom` saying what is wrong with it."""
    try:
        return "#" + nickname(raw.strip().removeprefix("#"), reserved=frozenset())
    except BadNick as error:
        raise BadRoom(str(error).replace("A nickname", "A room's name")) from None


@lru_cache(maxsize=256)
def likenesses(nick: str) -> frozenset[str]:
    """Return the forms of `nick` that nobody else's may share: case and look-alikes folded away.

    The look is the skeleton of Unicode TS 39; two names that share any of their
    forms cannot be told apart at a glance.
    """
    folded = nick.casefold()
    return frozenset({nick if folded == nick else folded, _look(nick), _look(folded)})


def message(raw: str, most: int) -> str:
    """Return `raw` as a text of at most `most` characters, or raise `BadText` or `TooLong`.

    Line ends become newlines, blanks at the ends of lines go, and of what does
    not print only what belongs to a letter or an emoji stays.
    """
    if len(raw) > UNTIDY_TIMES * most:
        raise TooLong(f"A message has at most {most} characters; that one has {len(raw)}.")
    plain = raw.isascii() and raw.isprintable()
    text = raw.rstrip() if plain else _printable(raw).rstrip()
    if not (text if plain else text.strip()):
        raise BadText("There is nothing in it.")
    if len(text) > most:
        raise TooLong(f"A message has at most {most} characters; that one has {len(text)}.")
    if not plain and text.count("\n") >= TEXT_LINES:
        raise TooLong(f"A message has at most {TEXT_LINES} lines; that one has {text.count(chr(10)) + 1}.")
    return text


def one_line(raw: str, most: int) -> str:
    """Return `raw` as a text that fits on one line: a reason, a topic."""
    return message(_LINE_ENDS.sub(" ", raw), most)


def reason(raw: str) -> str:
    """Return `raw` as a reason, one line cut to fit; "" where there is nothing in it."""
    with suppress(BadText):
        return one_line(raw[:REASON_MOST], REASON_MOST)
    return ""


def _printable(raw: str) -> str:
    lines = _BLANKS.sub(" ", _LINE_ENDS.sub("\n", raw)).split("\n")
    kept = "\n".join("".join(_joined(_shown(line))).rstrip() for line in lines)
    return kept.strip("\n")


def _shown(line: str) -> list[str]:
    """Return what of one line may be shown: what prints, joiners after it, and not too many marks on one letter."""
    shown: list[str] = []
    marks = 0
    for char in line:
        if char in _JOINERS or unicodedata.category(char) in {"Mn", "Me"}:
            marks += char not in _JOINERS
            if shown and marks <= MARKS_TOGETHER:
                shown.append(char)
        elif char.isprintable() or char in _NEW_EMOJI:
            marks = 0
            shown.append(char)
        elif char < " " or char == "\x7f":
            marks = 0
            shown.append(chr(0x2421 if char == "\x7f" else 0x2400 + ord(char)))
    return shown


def _joined(shown: list[str]) -> list[str]:
    """Return `shown` without the joiners that do not stand between two characters that they can join."""
    if _JOINERS.isdisjoint(shown):
        return shown
    around = zip(["", *shown], shown, [*shown[1:], ""], strict=False)
    return [char for before, char, after in around if char not in _JOINERS or (_joins(before) and _joins(after))]


def _joins(char: str) -> bool:
    """Tell whether `char` belongs to a letter or an emoji."""
    return bool(char) and unicodedata.category(char)[0] in "LMS"


def _without_own_marks(nick: str) -> str:
    """Return `nick` without the vowel signs and the like that its script writes after letters, three at most each."""
    if nick.isascii():
        return nick
    from confusable_homoglyphs import categories  # noqa: PLC0415 - its tables are read when first needed

    left: list[str] = []
    marks = 0
    for char in nick:
        own = unicodedata.category(char)[0] == "M" and categories.alias(char) not in {"COMMON", "INHERITED", "LATIN"}
        marks = marks + 1 if own else 0
        if not own or not left or marks > MARKS_IN_NICK:
            left.append(char)
    return "".join(left)


def _scripts(nick: str) -> frozenset[str]:
    """Return the scripts of `nick` beside Latin; those that are written together count as one."""
    if nick.isascii():
        return frozenset()
    from confusable_homoglyphs import categories  # noqa: PLC0415 - its tables are read when first needed

    scripts = {categories.alias(char) for char in nick} - {"COMMON", "INHERITED", "LATIN"}
    return frozenset({"EAST ASIAN" if script in _EAST_ASIAN else script for script in scripts})


@cache
def _reserved() -> frozenset[str]:
    """Return the forms of the reserved names, also of those in capitals, for there an I is an l."""
    return frozenset().union(*(likenesses(name) | likenesses(name.upper()) for name in RESERVED))


def _look(nick: str) -> str:
    """Return the skeleton of `nick`: canonically decomposed, each character as what it looks like, case folded."""
    look = "".join(map(_prototype, unicodedata.normalize("NFD", nick)))
    return unicodedata.normalize("NFD", look.casefold())


@cache
def _prototype(char: str) -> str:
    """Return what `char` looks like, as Unicode TS 39 has it."""
    from confusable_homoglyphs.confusables import confusables_data  # noqa: PLC0415 - a table of 0.9 MB

    alike = confusables_data.get(char, ())
    if len(alike) != 1:
        return char
    other: str = alike[0]["c"]
    return min(char, other) if len(confusables_data.get(other, ())) == 1 else other
