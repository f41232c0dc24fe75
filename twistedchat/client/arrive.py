"""How whoever cannot be asked comes into a room: the name and the way are settled without a word."""

from __future__ import annotations

import secrets
import sys
from typing import TYPE_CHECKING

from twisted.internet.endpoints import HostnameEndpoint

from twistedchat.client.exchange import RefusedError
from twistedchat.client.exits import ANSWER_SECONDS, NOT_STORED, NOT_WELCOME, FatalError
from twistedchat.client.link import LONGEST_DELAY, Link
from twistedchat.client.options import Options, default_nick
from twistedchat.client.render import safe
from twistedchat.client.secure import SecureEndpoint
from twistedchat.client.ways import not_safe

if TYPE_CHECKING:
    from twisted.internet.posixbase import PosixReactorBase

    from twistedchat.client import wire
    from twistedchat.client.session import Session
    from twistedchat.client.trust import Trust

_OTHER_NAMES = 5


def dial(trust: Trust, session: Session, reactor: PosixReactorBase, longest: float = LONGEST_DELAY) -> Link:
    """Make a link that will connect to a host, whichever of its addresses answers; see `Link` for ``longest``."""
    place = trust.place
    endpoint = HostnameEndpoint(reactor, place.host, place.port, timeout=ANSWER_SECONDS)
    return Link(place, SecureEndpoint(endpoint, trust, reactor), session, reactor, longest=longest)


def complain(words: str) -> None:
    """Tell the person at the shell what went wrong."""
    sys.stderr.write(f"tcpchat-client: {safe(words)}\n")
    sys.stderr.flush()


def some_guest() -> str:
    """Return a name for whoever gave none and has none of their own."""
    return f"guest{1000 + secrets.randbelow(9000)}"


async def arrive(options: Options, session: Session, link: Link, room: str) -> str:
    """Connect, take a name, and be in a room, or else in the lobby: return which.

    :raises FatalError: that cannot be.
    """
    link.start()
    await session.contact
    if not (link.private or options.insecure):
        raise not_safe(options.place, link.way)
    joined = session.join(room) if room else None
    hello = await _take_name(session, options.nick or default_nick() or some_guest(), options.token)
    try:
        return (await (joined or session.join(hello.lobby))).room or room or hello.lobby
    except RefusedError as refused:
        status = NOT_WELCOME if refused.code == "banned" else NOT_STORED
        raise FatalError(status, f"{room}: {refused.words}") from None


async def _take_name(session: Session, nick: str, token: str) -> wire.Hello:
    """Take a name, or the one that the server suggests in its place, and say so."""
    for _ in range(_OTHER_NAMES):
        try:
            return await session.enter(nick, token)
        except RefusedError as refused:
            if refused.code == "nick_owned" and not token:
                words = f"{refused.words} Give the password in TCPCHAT_TOKEN, or choose another name with --nick"
                raise FatalError(NOT_STORED, words) from None
            if refused.code == "bad_login":
                raise FatalError(NOT_STORED, f"{refused.words} The password is taken from TCPCHAT_TOKEN.") from None
            if not refused.suggest:
                raise FatalError(NOT_STORED, f"{refused.words} Choose another with --nick") from None
            complain(f"{refused.words} Going on as {refused.suggest}.")
            nick, token = refused.suggest, ""
    raise FatalError(NOT_STORED, "No name can be had. Choose another with --nick")
