"""Somebody who types commands."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, TypeAlias

import pytest

from twistedchat.chat.commands import COMMANDS
from twistedchat.chat.commands.registry import Ask
from twistedchat.chat.replies import Parted, Reply, Told

if TYPE_CHECKING:
    from tests.chat.world import World
    from twistedchat.chat.session import Session

Typing: TypeAlias = Callable[["Session", str], "Reply | None"]


def told(reply: Reply | None) -> tuple[str, ...]:
    """Return the lines of a reply that is only lines."""
    assert isinstance(reply, Told | Parted)
    return reply.lines


@pytest.fixture
def types(world: World) -> Typing:
    """Give what has somebody type a command and returns the answer."""

    def type_(session: Session, line: str) -> Reply | None:
        found, rest = COMMANDS.parse(line)
        reply = found.run(Ask(world.chat, COMMANDS, session, session.active, world.at, "c1", 7), rest)
        if isinstance(reply, Coroutine):
            reply = world.do(reply)
        assert reply is None or isinstance(reply, Reply)
        if found.waits:
            world.settle()
        return reply

    return type_
