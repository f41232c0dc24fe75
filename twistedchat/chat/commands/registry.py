"""Declare a command once; its parsing, its help, its completion and its permission follow."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct

from twistedchat.chat.errors import BadUsage, NoCommand, NotInRoom
from twistedchat.chat.replies import Reply
from twistedchat.chat.room import Room
from twistedchat.chat.session import Session

if TYPE_CHECKING:
    from twistedchat.chat.chat import Chat
    from twistedchat.chat.events import Ref
    from twistedchat.chat.roles import Permission

Handler: TypeAlias = Callable[..., Reply | Awaitable[Reply | None] | None]
Argument: TypeAlias = Session | Room | str | int

NAME_MOST = 24
"""Characters of what was typed for a command's name that are looked at, and repeated."""


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


class Parameter(Struct, frozen=True):
    """One argument: its name in the usage, what it is, and whether it is the rest of the line."""

    name: str
    kind: type
    optional: bool
    rest: bool

    def resolve(self, word: str, chat: Chat) -> Argument:
        """Return what `word` stands for, or raise the `ChatError` that says why it stands for nothing."""
        if self.kind is Session:
            return chat.people.named(word)
        if self.kind is Room:
            return chat.rooms.named(word)
        if self.kind is int:
            if not (word.isascii() and word.isdigit() and len(word) < 10):  # noqa: PLR2004 - digits of a number
                raise BadUsage(f"{self.name} is a number, not {word}.")
            return int(word)
        return word


class Command(Struct, frozen=True):
    """One declaration: ``/name usage``, what it does in a sentence, and what it needs.

    A command that `waits` for something is begun when what its connection sent
    before has settled; the others are done at once. One that is `rare` is not on the
    first screen of help.
    """

    name: str
    usage: str
    aliases: tuple[str, ...]
    needs: Permission
    summary: str
    parameters: tuple[Parameter, ...]
    handler: Handler
    waits: bool
    rare: bool

    @property
    def synopsis(self) -> str:
        """The command as it is typed."""
        return f"/{self.name} {self.usage}".rstrip()

    def run(self, ask: Ask, rest: str) -> Reply | Awaitable[Reply | None] | None:
        """Check the permission, make the arguments out of `rest`, and do it."""
        ask.chat.roles.require(ask.chat.role(ask.session, ask.active), self.needs)
        return self.handler(ask, *self._arguments(rest, ask))

    def _arguments(self, rest: str, ask: Ask) -> list[Argument]:
        """Return what the words of `rest` stand for; a room that is left out is the active one."""
        arguments: list[Argument] = []
        for parameter in self.parameters:
            if parameter.kind is Room and not rest.startswith("#"):
                arguments.append(ask.room)
                continue
            word, rest = (rest, "") if parameter.rest else _first_word(rest)
            if not word:
                if parameter.optional:
                    break
                raise BadUsage(f"Like this: {self.synopsis}")
            arguments.append(parameter.resolve(word, ask.chat))
        if rest:
            raise BadUsage(f"Like this: {self.synopsis}")
        return arguments


def command(
    usage: str = "", *, needs: Permission, aliases: tuple[str, ...] = (), rare: bool = False
) -> Callable[[Handler], Command]:
    """Make a command of a handler; its name and its docstring become the command's.

    In `usage`, ``[X]`` is optional and ``X...`` is the rest of the line. The
    handler's annotations say what the arguments are: a `Session` is somebody who
    is here, an `int` a number, a `str` the word itself.
    """

    def declare(handler: Handler) -> Command:
        signature = inspect.signature(handler, eval_str=True)
        kinds = [parameter.annotation for parameter in signature.parameters.values()][1:]
        words = usage.split()
        parameters = tuple(
            Parameter(word.strip("[].").upper(), kind, word.startswith("["), "..." in word)
            for word, kind in zip(words, kinds, strict=True)
        )
        name = handler.__name__.rstrip("_")
        summary = (inspect.getdoc(handler) or "").partition("\n")[0]
        waits = inspect.iscoroutinefunction(handler)
        return Command(name, usage, aliases, needs, summary, parameters, handler, waits, rare)

    return declare


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
            near = difflib.get_close_matches(name.lower(), self._by_name, n=1)
            hint = f"Did you mean /{near[0]}?" if near else "Try /help."
            raise NoCommand(f"No command /{name}. {hint}")
        return found

    def parse(self, line: str) -> tuple[Command, str]:
        """Split ``/name rest`` into the command and the rest."""
        name, rest = _first_word(line.removeprefix("/"))
        return self.find(name), rest


def _first_word(line: str) -> tuple[str, str]:
    word, *rest = line.split(maxsplit=1) or [""]
    return word, rest[0] if rest else ""
