"""Somebody who types commands."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import TYPE_CHECKING, Protocol

import pytest

from twistedchat.chat.commands import COMMANDS
from twistedchat.chat.commands.registry import Ask
from twistedchat.chat.replies import Parted, Reply, Told

if TYPE_CHECKING:
    from tests.chat.world import World
    from twistedchat.chat.session import Session


class Typing(Protocol):
    """Has somebody type a command, in another world perhaps, and returns the answer."""

    def __call__(self, session: Session, line: str, other: World | None = None) -> Reply | None: ...


def told(reply: Reply | None) -> tuple[str, ...]:
    """Return the lines of a reply that is only lines."""
    assert isinstance(reply, Told | Parted)
    return reply.lines


@pytest.fixture
def types(world: World) -> Typing:
    """Give what has somebody type a command and returns the answer."""

    def type_(session: Session, line: str, other: World | None = None) -> Reply | None:
        here = other or world
        found, rest = COMMANDS.parse(line)
        reply = found.run(Ask(here.chat, COMMANDS, session, session.active, here.at, "c1", 7), rest)
        if isinstance(reply, Coroutine):
            reply = here.do(reply)
        assert reply is None or isinstance(reply, Reply)
        if found.waits:
            here.settle()
        return reply

    return type_
