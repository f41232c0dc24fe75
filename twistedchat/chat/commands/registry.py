"""Declare a command once; its parsing, its help, its completion and its permission follow."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Awaitable, Callable, Iterable, Mapping
from types import NoneType, UnionType
from typing import TYPE_CHECKING, NewType, TypeAlias, get_args

from msgspec import Struct

from twistedchat.chat.durations import duration, is_duration
from twistedchat.chat.errors import BadUsage, NoCommand, NotInRoom
from twistedchat.chat.replies import Reply, Told
from twistedchat.chat.roles import Permission
from twistedchat.chat.room import Room
from twistedchat.chat.session import Person

if TYPE_CHECKING:
    from twistedchat.chat.chat import Chat
    from twistedchat.chat.events import Ref
    from twistedchat.chat.session import Session

Handler: TypeAlias = Callable[..., Reply | Awaitable[Reply | None] | None]
Time = NewType("Time", int)
"""A duration in milliseconds, 0 where none was given."""
Argument: TypeAlias = Person | Room | str | int | None

NAME_MOST = 24
"""Characters of what was typed for a command's name that are looked at, and repeated."""
SERVER = "-s"
"""What stands before the arguments of a command that is meant for the whole server."""
_NUMERIC = frozenset("-+.0123456789")
_LOOKS = {Permission.LOOK, Permission.READ, Permission.TALK}


class Ask(Struct, frozen=True):
    """Who asks, where and when; `active` is where what they type goes, if they are anywhere."""

    chat: Chat
    commands: Registry
    session: Session
    active: Room | None
    at: int
    cid: str = ""
    ref: Ref | None = None

    @property
    def room(self) -> Room:
        """The room that is meant; raises `NotInRoom` for who is in none."""
        if self.active is None:
            raise NotInRoom("You are in no room.")
        return self.active

    def done(self, room: Room | None, said: str) -> Told:
        """Return the answer to what is told in the room as well: what is `said`, for who does not hear it there."""
        return Told(() if room is not None and self.session.id in room.members else (said,))


class Parameter(Struct, frozen=True):
    """One argument: its name in the usage, what it is, and whether it is the rest of the line."""

    name: str
    kind: type
    optional: bool
    rest: bool

    def resolve(self, word: str, chat: Chat) -> Argument:
        """Return what `word` stands for, or raise the `ChatError` that says why it stands for nothing."""
        if self.kind is Person:
            return chat.people.named(word)
        if self.kind is int:
            if not (word.isascii() and word.isdigit() and len(word) < 10):  # noqa: PLR2004 - digits of a number
                raise BadUsage(f"{self.name} is a number, not {word}.")
            return int(word)
        return duration(word) if self.kind is Time else word


class Command(Struct, frozen=True):
    """One declaration: ``/name usage``, what it does in a sentence and in some more, and what it needs.

    A command that `waits` for something is begun when what its connection sent
    before has settled; the others are done at once. One that is `rare` is not on the
    first screen of help. What it needs is asked for in the room that it is about: the one
    that is named, or the active one where it takes one or is done `here`. One for
    which ``-s`` may be said is then for the whole server, and for its admins.
    """

    name: str
    usage: str
    aliases: tuple[str, ...]
    needs: Permission
    summary: str
    details: str
    parameters: tuple[Parameter, ...]
    handler: Handler
    waits: bool
    rare: bool
    here: bool

    @property
    def synopsis(self) -> str:
        """The command as it is typed."""
        return f"/{self.name} {self.usage}".rstrip()

    def run(self, ask: Ask, rest: str) -> Reply | Awaitable[Reply | None] | None:
        """Find the room that is meant, check the permission there, make the arguments out of `rest`, and do it."""
        room, rest, everywhere = self._where(ask, rest)
        person, access = ask.session.person, ask.chat.access
        if everywhere:
            access.require(person, None, Permission.ADMINISTER)
        else:
            if room is not None:
                access.check_room(ask.session, room, ask.at)
            if room is not None and self.needs in _LOOKS:
                access.require_sees(person, room)
            access.require(person, room, self.needs)
        return self.handler(ask, *self._arguments(ask, rest, None if everywhere else room))

    @property
    def local(self) -> bool:
        """Whether it is about a room."""
        return self.here or self._takes_room

    @property
    def _takes_room(self) -> bool:
        return any(parameter.kind is Room for parameter in self.parameters)

    @property
    def _takes_server(self) -> bool:
        return self.usage.startswith(f"[{SERVER}]")

    def _where(self, ask: Ask, rest: str) -> tuple[Room | None, str, bool]:
        """Return the room that is meant, what is left of the arguments, and whether the server is meant."""
        if not self._takes_room:
            return ask.room if self.here else None, rest, False
        word, after = _first_word(rest)
        if word == SERVER and self._takes_server:
            return None, after, True
        if word.startswith("#") and (after or self.parameters[-1].name != "#NAME"):
            return ask.chat.rooms.named(word), after, False
        before, word, after = self._behind(rest)
        if word == SERVER and self._takes_server:
            return None, f"{before} {after}", True
        if before and word.startswith("#"):
            return ask.chat.rooms.named(word), f"{before} {after}".rstrip(), False
        return ask.room, rest, False

    def _behind(self, rest: str) -> tuple[str, str, str]:
        """Return the word that may name a room behind the others, with what is before and after it.

        It is the last; where a reason may follow, the one right behind the nickname and its time, for in what is
        said to somebody a room is only a word.
        """
        last = self.parameters[-1]
        if not last.rest:
            before, _, word = rest.rpartition(" ")
            return before, word, ""
        words = [each for each in self.parameters[:-1] if each.kind is not Room]
        if not words or not last.optional:
            return rest, "", ""
        heads: list[str] = []
        for parameter in words:
            word, after = _first_word(rest)
            if parameter.kind is not Time or is_duration(word):
                heads.append(word)
                rest = after
        return " ".join(heads), *_first_word(rest)

    def _arguments(self, ask: Ask, rest: str, room: Room | None) -> list[Argument]:
        """Return what the words of `rest` stand for."""
        arguments: list[Argument] = []
        for parameter in self.parameters:
            if parameter.kind is Room:
                arguments.append(room)
                continue
            word, after = (rest, "") if parameter.rest else _first_word(rest)
            if parameter.kind is Time and not is_duration(word):
                if word[:1] in _NUMERIC:  # who mistypes a time does not mean for ever
                    raise BadUsage(f"{word} is no time: 30s, 10m, 2h and 7d are.")
                arguments.append(0)
                continue
            rest = after
            if not word:
                if parameter.optional:
                    break
                raise BadUsage(f"Like this: {self.synopsis}")
            arguments.append(parameter.resolve(word, ask.chat))
        if rest:
            raise BadUsage(f"Like this: {self.synopsis}")
        return arguments


def command(
    usage: str = "",
    *,
    needs: Permission,
    aliases: tuple[str, ...] = (),
    rare: bool = False,
    here: bool = False,
) -> Callable[[Handler], Command]:
    """Make a command of a handler; its name and its docstring become the command's.

    In `usage`, ``[X]`` is optional and ``X...`` is the rest of the line. The
    handler's annotations say what the arguments are: a `Person` is somebody who is here
    or has an account, a `Room` the one that is meant (`None` for the server, after -s), an
    `int` a number, a `Time` a duration, a `str` the word itself.
    """

    def declare(handler: Handler) -> Command:
        signature = inspect.signature(handler, eval_str=True)
        kinds = [parameter.annotation for parameter in signature.parameters.values()][1:]
        words = [word for word in usage.split() if word != f"[{SERVER}]"]
        parameters = tuple(
            Parameter(word.strip("[].").upper(), _kind(kind), word.startswith("["), "..." in word)
            for word, kind in zip(words, kinds, strict=True)
        )
        name = handler.__name__.rstrip("_")
        summary, _, details = (inspect.getdoc(handler) or "").partition("\n")
        waits = inspect.iscoroutinefunction(handler)
        return Command(name, usage, aliases, needs, summary, details.strip(), parameters, handler, waits, rare, here)

    return declare


def _kind(annotation: type | UnionType) -> type:
    """Return the one kind that an annotation allows beside None."""
    if not isinstance(annotation, UnionType):
        return annotation
    (kind,) = (each for each in get_args(annotation) if each is not NoneType)
    found: type = kind
    return found


class Registry:
    """All commands, by their names and aliases."""

    def __init__(self, commands: Iterable[Command]) -> None:
        self.commands = tuple(commands)
        self._by_name: Mapping[str, Command] = {
            name: each for each in self.commands for name in (each.name, *each.aliases)
        }

    def find(self, name: str) -> Command:
        """Return the command of that name, or raise `NoCommand`, with the one that was meant perhaps."""
        name = name[:NAME_MOST]
        found = self._by_name.get(name.lower())
        if found is None:
            near = self._nearest(name.lower())
            hint = f"Did you mean /{near}?" if near else "Try /help."
            raise NoCommand(f"No command /{name}. {hint}")
        return found

    def _nearest(self, name: str) -> str:
        """Return the command that is most like that, of several the one that is declared first; "" for none."""
        near = difflib.get_close_matches(name, self._by_name, n=3)
        like = {each: difflib.SequenceMatcher(None, each, name).ratio() for each in near}
        return next((each for each in self._by_name if like.get(each) == max(like.values())), "") if near else ""

    def parse(self, line: str) -> tuple[Command, str]:
        """Split ``/name rest`` into the command and the rest."""
        name, rest = _first_word(line.removeprefix("/"))
        return self.find(name), rest


def _first_word(line: str) -> tuple[str, str]:
    """Return the first word, and what follows it."""
    word, *rest = line.split(maxsplit=1) or [""]
    return word, rest[0] if rest else ""
