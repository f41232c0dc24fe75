"""News as lines for a person: what others wrote is told from what the server says, and harms no terminal."""

import re
import unicodedata
from datetime import datetime

from twistedchat.client import events, wire
from twistedchat.client.acts import words

Line = list[tuple[str, str]]
"""Pieces of one line: a style's class name and its text."""

_MARKS_TOGETHER = 8
_PLAIN = re.compile(r"[ -~]*")
_HIDDEN = frozenset({"Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_JOINERS = "\u200c\u200d"
_COLORS = 6
_UNSAFE_IN_JSON = re.compile("[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]")

ANEW = "{room} is another room now; joined anew."
"""Where a room has another's name."""

MISSING = {
    "": "Back. Nothing was lost.",
    "epoch_changed": "Back, but the server's history is another one now: what was said meanwhile may be missing.",
    "cursor_ahead": "Back, but the server's history is older than what stands here: something may be missing.",
    "gap_expired": "Back. Some of what was said meanwhile is no longer kept by the server.",
    "displaced": "Back. Nothing else was lost.",
    "another_guest": "Back as a new guest: what had just been sent may stand here twice.",
}


def safe(text: str) -> str:
    """Make a text of any origin harmless on one line: no control character gets through.

    Control characters become visible pictures; what would turn, hide or pile up
    letters goes.
    """
    if _PLAIN.fullmatch(text):
        return text
    shown: list[str] = []
    marks = 0
    for char in text:
        category = unicodedata.category(char)
        marks = marks + 1 if category in {"Mn", "Me"} else 0
        if category == "Cc":
            shown.append(_picture(char))
        elif marks <= _MARKS_TOGETHER and (category not in _HIDDEN or char in _JOINERS):
            shown.append(char)
    return "".join(shown)


def _picture(control: str) -> str:
    code = ord(control)
    if control == "\t":
        return " "
    return chr(0x2400 + code) if code < ord(" ") else "\u2421" if control == "\x7f" else "\ufffd"


def json_line(event: events.Event) -> bytes:
    """Render an event as a line of JSON in which all that a terminal might obey is escaped."""
    line = wire.encode(event).decode().removesuffix("\n")
    return _UNSAFE_IN_JSON.sub(lambda found: f"\\u{ord(found[0]):04x}", line).encode() + b"\n"


def clock_time(at: str, form: str = "[%a %H:%M] ") -> str:
    """Render the server's time as a local ``[Sat 21:14] ``, or as nothing if it is none."""
    try:
        return datetime.fromisoformat(at).astimezone().strftime(form)
    except (ValueError, OverflowError):
        return ""


def news(event: wire.News, me: str, room: str | None = "", *, dated: bool = False, timed: bool = False) -> list[Line]:
    """Render what happened: its first line, and one for each further line of a text.

    ``me``: whose screen it is; ``room``: the room that needs not be named, empty for all of
    them and None for none; ``dated``: with the day and time of it, ``timed``: with the time.
    """
    where = event.to if isinstance(event, events.RoomRenamed) else getattr(event, "room", "")
    before: Line = []
    if dated or timed:
        before.append(("class:dim", clock_time(event.at) if dated else clock_time(event.at, "[%H:%M] ")))
    if where and room not in {"", where} and not isinstance(event, events.Invited):
        before.append(("class:dim", f"{safe(where)} "))
    return _told(event, me, before)


def _told(event: wire.News, me: str, before: Line) -> list[Line]:  # noqa: C901, PLR0911 - a table
    match event:
        case wire.Said():
            return _speech(before, [_name(event.nick), ("", ": ")], event.text)
        case wire.Emoted():
            return _speech(before, [("", "* "), _name(event.nick), ("", " ")], event.text)
        case wire.Topic():
            what = f"set the topic: {safe(event.text)}" if event.text else "took the topic away."
            return [[*before, ("class:dim", f"-- {safe(event.nick)} {what}")]]
        case wire.Direct():
            here, there = ("you" if nick == me else safe(nick) for nick in (event.nick, event.to))
            return _speech(before, [("class:direct", f"{here} -> {there}"), ("", ": ")], event.text)
        case wire.Joined():
            return [[*before, ("class:dim", f"{safe(event.nick)} joined!")]]
        case wire.Left():
            why = f" ({safe(event.why)})" if event.why else ""
            return [[*before, ("class:dim", f"{safe(event.nick)} left!{why}")]]
        case wire.Renamed():
            return [[*before, ("class:dim", f"-- {safe(event.nick)} is now {safe(event.to)}.")]]
        case events.Removed(edit=True):
            return []  # its message has said it
        case events.Edited() | events.Shouted():
            return _speech(before, [("class:dim", f"-- {safe(words(event))}"), ("", " ")], event.text)
        case events.MotdSet() if event.text:
            return _speech(before, [("class:dim", f"-- {safe(words(event))}"), ("", " ")], event.text)
    return [[*before, ("class:dim", f"-- {safe(words(event))}")]]


def _name(nick: str) -> tuple[str, str]:
    return f"class:nick{sum(nick.encode()) % _COLORS}", safe(nick)


def _speech(before: Line, who: Line, text: str) -> list[Line]:
    first, *more = text.split("\n")
    lines: list[Line] = [[*before, *who, ("", safe(first))]]
    lines += [[("class:dim", "  | "), ("", safe(line))] for line in more]
    return lines


def notice(text: str) -> list[Line]:
    """Render what the server or this client says."""
    return [[("class:dim", f"-- {safe(line)}")] for line in text.split("\n")]


def refusal(text: str) -> list[Line]:
    """Render why something was not done."""
    return [[("class:error", f"! {safe(line)}")] for line in text.split("\n")]


def plain(line: Line) -> str:
    """Render a line without styles."""
    return "".join(text for _, text in line)
