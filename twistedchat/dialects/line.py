r"""Text lines: what a person sees on netcat and telnet.

    bob: hi alice               what somebody said
      | and a second line       a further line of the same message
    * bob waves                 what somebody did
    bob -> you: psst            for one person only
    bob joined!                 the seed's words
    -- ...                      an answer of the server's
    ! ...                       a refusal

What a person wrote can always be told from what the server says: their words
follow their nickname, which begins with a letter or a digit, on every line.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from msgspec import Struct, structs

from twistedchat.chat.errors import BadText, ChatError
from twistedchat.chat.events import Departed, Direct, Emoted, Entry, Joined, Left, Renamed, Said, TopicSet
from twistedchat.chat.replies import Told
from twistedchat.dialects.wire import (
    Command,
    Entered,
    Farewell,
    Hello,
    Live,
    Nothing,
    Past,
    Say,
    View,
    Welcome,
)

if TYPE_CHECKING:
    from datetime import tzinfo

    from twistedchat.chat.events import Ref
    from twistedchat.dialects.wire import Answer, Request

LINE_MOST = 4096
"""Bytes of one line."""
DAYS_BY_NAME = 6
"""For so many days the day of the week says which day it was."""


class LineDialect(Struct, frozen=True):
    """Text lines; `zone` is the time zone of the times shown, None for this computer's.

    With `echo` people are told what they said themselves, with `time` when it was said.
    """

    echo: bool = False
    zone: tzinfo | None = None
    time: bool = False

    def preferring(self, name: str, *, on: bool) -> LineDialect:
        """Return this dialect with `echo` or `time` on or off."""
        return structs.replace(self, **{name: on})

    def view(self, room: str, *, active: bool) -> View:
        """Return how a room is looked at: the name of one that is not active stands before its lines."""
        return View(room, active)

    def decode(self, line: bytes, *, named: bool) -> Request:
        """Return what a typed line asks for; the first line of all is the nickname."""
        try:
            text = line.decode()
        except UnicodeDecodeError:
            raise BadText("That line is not UTF-8, so nobody would see what you meant.") from None
        if "\b" in text or "\x7f" in text:
            text = _edited(text)
        bare = text.strip()
        if not bare:
            return Nothing()
        if not named:
            return Hello(nick=bare)
        if text[0] == "/":
            return Say(text=text[1:]) if text.startswith("//") else Command(line=text)
        return Command(line="/quit") if bare == ":q" else Say(text=text)

    def encode(self, entry: Entry, view: View) -> bytes:
        """Return the lines that tell of an entry."""
        line = self._told(entry, view)
        if self.time and line:
            line = datetime.fromtimestamp(entry.at / 1000, self.zone).strftime("[%H:%M] ") + line
        return line.encode()

    def _told(self, entry: Entry, view: View) -> str:
        line = self._line(entry, view.me)
        return line if view.active or not line else f"{view.room} {line}"

    def replay(self, past: Past, view: View) -> bytes:
        """Return the past under its mark, each message with its time."""
        lines = [self._time(entry.at, past.now) + self._told(entry, view) for entry in past.entries]
        if past.begins:
            lines.insert(0, f"-- last {past.begins} of {past.of} --\r\n")
        return "".join(lines).encode()

    def answer(self, answer: Answer, ref: Ref | None) -> bytes:  # noqa: ARG002 - people have no refs
        """Return the lines that answer one person."""
        return self._answer(answer).encode()

    def _answer(self, answer: Answer) -> str:  # noqa: PLR0911 - a table
        match answer:
            case ChatError(text=text):
                return f"! {text}\r\n"
            case Told(lines=lines):
                return "".join(f"-- {line}\r\n" for line in lines)
            case Past(entries=entries, room=room, now=now):
                if not entries:
                    return f"-- Nothing has been said in {room} yet.\r\n"
                shown = (self._time(entry.at, now) + self._line(entry) for entry in entries)
                return "".join([*shown, f"-- {_messages(len(entries))} --\r\n"])
            case Entered():
                return _entered(answer)
            case Welcome(nick=nick, role=role, lobby=lobby, inside=inside):
                where = f", in {lobby}. Messages here are kept." if inside else "."
                return f"Connected to server! You are {nick}, a {role}{where}  /help  /join #room  /quit\r\n"
            case Live(replayed=replayed) if replayed:
                return "-- now --\r\n"
            case Farewell(text=text, code=code):
                return f"{'--' if code == 'quit' else '!'} {text}\r\n"
        return ""

    def _line(self, entry: Entry, me: str = "") -> str:  # noqa: PLR0911 - a table
        match entry.event:
            case Said(nick=nick, text=text):
                return f"{nick}: {_continued(text)}\r\n"
            case Emoted(nick=nick, text=text):
                return f"* {nick} {_continued(text)}\r\n"
            case Direct(nick=nick, to=to, text=text) if nick == me:
                return f"you -> {to}: {_continued(text)}\r\n"
            case Direct(nick=nick, text=text):
                return f"{nick} -> you: {_continued(text)}\r\n"
            case Joined(nick=nick):
                return f"{nick} joined!\r\n"
            case Departed(nick=nick, why=why) | Left(nick=nick, why=why):
                return f"{nick} left! ({why})\r\n" if why else f"{nick} left!\r\n"
            case TopicSet(nick=nick, text=text):
                return f"-- {nick} set the topic: {text}\r\n" if text else f"-- {nick} took the topic away.\r\n"
            case Renamed(nick=nick, to=to):
                return f"-- {nick} is now {to}.\r\n"
        return ""

    def _time(self, at: int, now: int) -> str:
        """Return when it was, in brackets: [Sat 21:14], or with its date if that is long ago."""
        form = "[%a %H:%M] " if now - at < DAYS_BY_NAME * 86_400_000 else "[%Y-%m-%d %H:%M] "
        return datetime.fromtimestamp(at / 1000, self.zone).strftime(form)


def _entered(entered: Entered) -> str:
    count = "1 person" if len(entered.marked) == 1 else f"{len(entered.marked)} people"
    topic = f"-- Topic: {entered.topic}\r\n" if entered.topic else ""
    return (
        f"-- You are in {entered.room} ({count}: {', '.join(entered.marked)})."
        f" What you type goes here; lines from elsewhere carry their room.\r\n{topic}"
    )


def _continued(text: str) -> str:
    return text.replace("\n", "\r\n  | ") if "\n" in text else text


def _messages(count: int) -> str:
    return "1 message" if count == 1 else f"{count} messages"


def _edited(text: str) -> str:
    """Return the line as it stood on the screen: each backspace takes one character back."""
    kept: list[str] = []
    for char in text:
        if char not in "\b\x7f":
            kept.append(char)
        elif kept:
            kept.pop()
    return "".join(kept)
