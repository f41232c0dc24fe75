r"""Text lines: what a person sees on netcat and telnet.

    bob: hi alice               what somebody said
      | and a second line       a further line of the same message
    * bob waves                 what somebody did
    bob -> you: psst            for one person only
    bob joined!                 the seed's words
    -- ...                      an answer of the server's
    ! ...                       a refusal
    ^482 bob: hi alice          a message with its number, for who wants to see it

What a person wrote can always be told from what the server says: their words
follow their nickname, which begins with a letter or a digit, on every line. What
the server says of them begins with ``-- `` and ends with their words, if there are any.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING

from msgspec import Struct, structs

from twistedchat.chat.acts import Shouted
from twistedchat.chat.errors import BadText, ChatError
from twistedchat.chat.events import Departed, Direct, Edited, Emoted, Entry, Joined, Left, Removed, Said
from twistedchat.chat.replies import Told
from twistedchat.dialects import ink
from twistedchat.dialects.acts import words
from twistedchat.dialects.requests import Command, Hello, Nothing, Say
from twistedchat.dialects.wire import Acts, Entered, Farewell, Finds, Live, Past, Prompt, View, Welcome, is_hidden

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import tzinfo

    from twistedchat.chat.events import Ref
    from twistedchat.chat.prefs import Prefs
    from twistedchat.dialects.requests import Request
    from twistedchat.dialects.wire import Answer

LINE_MOST = 4096
"""Bytes of one line."""
DAYS_BY_NAME = 6
"""For so many days the day of the week says which day it was."""

_PART = r"(?:\\/|[^/\\]|\\(?!/))"
_CORRECTION = re.compile(rf"s/({_PART}+)/({_PART}*)(?:/(g?))?")
"""``s/old/new/``, or with a g behind it everywhere, in which a slash that is meant has a backslash before it."""


class LineDialect(Struct, frozen=True):
    """Text lines; `zone` is the time zone of the times shown, None for this computer's.

    With `echo` people are told what they said themselves, with `time` when it was said;
    `color` gives names theirs, and `bell` rings before what is said to one person only.
    With `numbers` each message of a room has its own before it.
    `quiet` hides who comes and goes: "off" nobody, "smart" what is minor, "all" everybody.
    """

    echo: bool = False
    zone: tzinfo | None = None
    time: bool = False
    color: bool = False
    bell: bool = False
    quiet: str = "smart"
    numbers: bool = False

    def preferring(self, prefs: Prefs) -> LineDialect:
        """Return this dialect as somebody with these preferences wants it."""
        return structs.replace(
            self,
            echo=prefs.echo,
            time=prefs.time,
            color=prefs.color,
            bell=prefs.bell,
            quiet=prefs.quiet,
            numbers=prefs.numbers,
        )

    def view(self, room: str, *, active: bool) -> View:
        """Return how a room is looked at: the name of one that is not active stands before its lines."""
        return View(room, active)

    def decode(self, line: bytes, *, named: bool) -> Request:
        """Return what a typed line asks for; the first line of all is the nickname, and perhaps its password."""
        text = typed(line)
        bare = text.strip()
        if not bare:
            return Nothing()
        if not named:
            nick, *token = bare.split(maxsplit=1)
            return Hello(nick=nick, token="".join(token))
        if text[0] == "/":
            return Say(text=text[1:]) if text.startswith("//") else Command(line=text)
        if bare == ":q":
            return Command(line="/quit")
        correction = correcting(text) if text[0] == "s" else ""
        return Command(line=correction) if correction else Say(text=text)

    def encode(self, entry: Entry, view: View) -> bytes:
        """Return the lines that tell of an entry."""
        line = self._told(entry, view)
        if self.time and line:
            line = datetime.fromtimestamp(entry.at / 1000, self.zone).strftime("[%H:%M] ") + line
        if self.bell and isinstance(entry.event, Direct) and entry.event.nick != view.me:
            line = "\a" + line
        return line.encode()

    def hidden(self, entry: Entry, view: View) -> bytes:  # noqa: ARG002 - nothing is seen of it
        """Return nothing: nobody can see that there is something to be seen."""
        return b""

    def _told(self, entry: Entry, view: View) -> str:
        line = self._line(entry, view.room, view.me)
        return line if view.active or not line else f"{view.room} {line}"

    def replay(self, past: Past, view: View) -> bytes:
        """Return the past under its mark, each message with its time."""
        lines = [self._time(entry.at, past.now) + self._told(entry, view) for entry in _seen(past)]
        if past.begins:
            lines.insert(0, self._note(f"last {past.begins} of {past.of} --"))
        return "".join(lines).encode()

    def answer(self, answer: Answer, ref: Ref | None) -> bytes:  # noqa: ARG002 - people have no refs
        """Return the lines that answer one person."""
        return self._answer(answer).encode()

    def _answer(self, answer: Answer) -> str:  # noqa: C901, PLR0911 - a table
        match answer:
            case ChatError(text=text):
                return f"! {text}\r\n"
            case Told(lines=lines):
                return self._notes(lines)
            case Prompt(text=text):
                return "".join(filter(str.isprintable, text))
            case Past(room=room, now=now):
                shown = [self._time(entry.at, now) + self._line(entry, room) for entry in _seen(answer)]
                end = f"{_messages(len(shown))} --" if shown else f"Nothing has been said in {room} yet."
                return "".join([*shown, self._note(end)])
            case Finds(entries=found, lines=lines, now=now, asker=asker):
                shown = [self._then(entry, room, now, asker) for room, entry in found]
                nothing = () if found or lines else ("Nothing has been found.",)
                return "".join([self._notes((*lines, *nothing)), *shown])
            case Acts(entries=acts, now=now):
                shown = [self._then(entry, room, now) for room, entry in acts]
                return "".join(shown) or self._note("Nothing has been done yet.")
            case Entered():
                return self._notes(_entered(answer))
            case Welcome(motd=motd):
                return _welcome(answer) + self._notes(motd.splitlines())
            case Live(replayed=replayed) if replayed:
                return self._note("now --")
            case Farewell(text=text, code=code):
                return self._note(text) if code == "quit" else f"! {text}\r\n"
        return ""

    def _line(self, entry: Entry, room: str, me: str = "") -> str:  # noqa: PLR0911 - a table
        match entry.event:
            case Said(nick=nick, text=text):
                return f"{self._number(entry)}{ink.name(nick) if self.color else nick}: {_continued(text)}\r\n"
            case Emoted(nick=nick, text=text):
                return f"{self._number(entry)}* {self._name(nick)} {_continued(text)}\r\n"
            case Direct(nick=nick, to=to, text=text) if nick == me:
                return f"you -> {self._name(to)}: {_continued(text)}\r\n"
            case Direct(nick=nick, text=text):
                return f"{self._name(nick)} -> you: {_continued(text)}\r\n"
            case Joined(minor=minor) | Departed(minor=minor) | Left(minor=minor) if self._hushes(minor=minor):
                return ""
            case Joined(nick=nick):
                return f"{self._name(nick)} joined!\r\n"
            case Departed(nick=nick, why=why) | Left(nick=nick, why=why):
                return f"{self._name(nick)} left!{f' ({why})' if why else ''}\r\n"
            case Edited(nick=nick, text=text):
                return self._speech(f"-- {nick} edited:", text)
            case Shouted(nick=nick, text=text):
                return self._speech(f"-- {nick} to everybody:", text)
        said = words(entry, room)
        return self._note(said) if said else ""

    def _then(self, entry: Entry, room: str, now: int, asker: str = "") -> str:
        """Return the lines of what once happened in the `room`, if it was in any, as `asker` sees them."""
        me = entry.event.nick if entry.by == asker else ""
        return f"{self._time(entry.at, now)}{f'{room} ' if room else ''}{self._line(entry, room, me)}"

    def _hushes(self, *, minor: bool) -> bool:
        return self.quiet == "all" or (minor and self.quiet == "smart")

    def _number(self, entry: Entry) -> str:
        return f"^{entry.seq} " if self.numbers else ""

    def _name(self, nick: str) -> str:
        return ink.name(nick) if self.color else nick

    def _speech(self, who: str, text: str) -> str:
        return f"{ink.dim(who) if self.color else who} {_continued(text)}\r\n"

    def _note(self, said: str) -> str:
        return f"{ink.dim(f'-- {said}') if self.color else f'-- {said}'}\r\n"

    def _notes(self, lines: Iterable[str]) -> str:
        return "".join(map(self._note, lines))

    def _time(self, at: int, now: int) -> str:
        """Return when it was, in brackets: [Sat 21:14], or with its date if that is long ago."""
        form = "[%a %H:%M] " if now - at < DAYS_BY_NAME * 86_400_000 else "[%Y-%m-%d %H:%M] "
        return datetime.fromtimestamp(at / 1000, self.zone).strftime(form)


def typed(line: bytes) -> str:
    """Return what somebody has typed as it stood on their screen, or raise `BadText` where that is none."""
    try:
        text = line.decode()
    except UnicodeDecodeError:
        raise BadText("That line is not UTF-8, so nobody would see what you meant.") from None
    return _taken_back(text) if "\b" in text or "\x7f" in text else text


def correcting(text: str) -> str:
    """Return the command that ``s/old/new/`` stands for, "" where the text is none of these."""
    found = _CORRECTION.fullmatch(text.rstrip()) if text.startswith("s/") else None
    return f"/edit s/{found[1]}/{found[2]}/{found[3] or ''}" if found else ""


def _seen(past: Past) -> list[Entry]:
    """Return what people are shown of the past; of a deleted message that once, however often edited."""
    return [
        entry
        for entry in past.entries
        if not is_hidden(entry, past.ignoring) and not (isinstance(entry.event, Removed) and entry.event.edit)
    ]


def _welcome(welcome: Welcome) -> str:
    article = "an" if welcome.role[:1] in "aeiou" else "a"
    kept = f" for {welcome.keep}" if welcome.keep else ""
    where = f", in {welcome.lobby}. Messages here are kept{kept}." if welcome.inside else "."
    who = f"You are {welcome.nick}, {article} {welcome.role}"
    return f"Connected to server! {who}{where}  /help  /join #room  /quit\r\n"


def _entered(entered: Entered) -> tuple[str, ...]:
    count = "1 person" if len(entered.marked) == 1 else f"{len(entered.marked)} people"
    there = f"You are in {entered.room} ({count}: {', '.join(entered.marked)})."
    what = " What you type goes here; lines from elsewhere carry their room."
    return (there + what, f"Topic: {entered.topic}") if entered.topic else (there + what,)


def _continued(text: str) -> str:
    return text.replace("\n", "\r\n  | ") if "\n" in text else text


def _messages(count: int) -> str:
    return "1 message" if count == 1 else f"{count} messages"


def _taken_back(text: str) -> str:
    """Return the line as it stood on the screen: each backspace takes one character back."""
    kept: list[str] = []
    for char in text:
        if char not in "\b\x7f":
            kept.append(char)
        elif kept:
            kept.pop()
    return "".join(kept)
