"""The settings are read again while the daemon runs: all of them are used, or none."""

from __future__ import annotations

import os
import signal
from dataclasses import fields, replace
from functools import partial
from typing import TYPE_CHECKING

from twisted.application.service import Service
from twisted.logger import Logger

from twistedchat.chat.durations import duration
from twistedchat.chat.errors import BadSettings, ChatError
from twistedchat.chat.reread import Reread
from twistedchat.config import ConfigError
from twistedchat.dialects.jsonl import LINE_MOST
from twistedchat.doors.terms import Terms
from twistedchat.tls import TlsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    from twistedchat.chat.chat import Chat
    from twistedchat.config import Settings
    from twistedchat.doors.line import ChatFactory
    from twistedchat.tls import ServerContext

FOREVER = "forever"
PUBLIC_KEEP = "90d"
"""How long what is said in public is kept, unless a setting says so."""
CERTIFICATE = "the certificate"
A_SIGNAL = "a signal"
"""Who has them read where that is no admin; nobody's nickname has a space in it."""
TERMINAL = 0

_log = Logger("tcpchat")


def keep_of(settings: Settings) -> str:
    """Return how long what is said is kept."""
    return settings.history.keep or (PUBLIC_KEEP if settings.listen.public else FOREVER)


def keep_ms(settings: Settings) -> int:
    """Return the same in milliseconds, 0 for ever."""
    keep = keep_of(settings)
    return 0 if keep == FOREVER else duration(keep)


def text_most(settings: Settings) -> int:
    """Return how many characters a text may have."""
    return settings.limits.text_characters or LINE_MOST


def terms_of(settings: Settings, name: str) -> Terms:
    """Return what a peer is granted at the server of that name."""
    limits, keep = settings.limits, keep_of(settings)
    return Terms(
        name,
        keep="" if keep == FOREVER else keep,
        nick_seconds=limits.nick_seconds,
        burst=limits.burst,
        per_second=limits.per_second,
        line_bytes=limits.line_bytes or LINE_MOST,
        text_characters=text_most(settings),
        backlog_bytes=limits.backlog_bytes,
        stalled_seconds=limits.stalled_seconds,
        ping_seconds=limits.ping_seconds,
        silent_seconds=limits.silent_seconds,
        replay=settings.history.replay,
    )


def adopt(settings: Settings, factory: ChatFactory) -> None:
    """Have everything go by these settings from here on, but for who is here already."""
    limits = settings.limits
    factory.terms = terms_of(settings, factory.terms.server)
    factory.gate.grant(
        per_address=limits.connections_per_address, per_minute=limits.connects_per_minute, exempt=limits.exempt
    )
    factory.chat.adopt(register=settings.accounts.register == "open", keep=keep_ms(settings))


class Reloading:
    """Finds out what is other than it was, and whether it can be had; `adopt` is called with what is to hold.

    What belongs to the place (where it listens, where it keeps things), the lobby and the
    length of texts stay what they were at the start. A certificate is read again by `renew`.
    """

    def __init__(
        self,
        settings: Settings,
        read: Callable[[], Settings],
        adopt: Callable[[Settings], None],
        *,
        tls: ServerContext | None,
        renew: Callable[[], ServerContext | None],
    ) -> None:
        self._settings = settings
        self._read = read
        self._adopt = adopt
        self._tls = tls
        self._renew = renew

    def reread(self) -> Reread:
        """Read all of it; raise `BadSettings` where anything is wrong, and nothing has happened."""
        try:
            wanted, context = self._read(), self._renew()
        except ConfigError as error:
            raise BadSettings(f"The settings stay as they are: {'; '.join(error.lines)}") from error
        except TlsError as error:
            raise BadSettings(f"The settings stay as they are: {error}") from error
        old = self._settings
        rooms = replace(wanted.rooms, lobby=old.rooms.lobby)
        limits = replace(wanted.limits, text_characters=old.limits.text_characters)
        new = replace(wanted, server=old.server, listen=old.listen, rooms=rooms, limits=limits)
        changed = tuple(_other(old, new))
        if self._tls is not None and context is not None and context.fingerprint != self._tls.fingerprint:
            changed += (CERTIFICATE,)
        waiting = tuple(_other(new, wanted))
        return Reread(changed, waiting, new.rooms.guests, partial(self._apply, new, context, changed))

    def _apply(self, settings: Settings, context: ServerContext | None, changed: tuple[str, ...]) -> None:
        self._settings = settings
        if self._tls is not None and context is not None:
            self._tls.become(context)
        self._adopt(settings)
        _log.info("settings read again; other now: {changed}", changed=", ".join(changed) or "nothing")


def _other(one: Settings, two: Settings) -> Iterator[str]:
    """Return the names of the settings in which the two differ."""
    for section in fields(one):
        before, after = getattr(one, section.name), getattr(two, section.name)
        for each in fields(before):
            if getattr(before, each.name) != getattr(after, each.name):
                yield f"{section.name}.{each.name}"


async def reload(chat: Chat, at: int) -> None:
    """Have the settings read again, for a signal; say in the log what is wrong with them."""
    try:
        await chat.reload(A_SIGNAL, "", at)
    except ChatError as error:
        _log.warn("{why}", why=error.text)


class Hangups(Service):
    """Calls `reload` for each SIGHUP, by way of `soon`; one that comes because the terminal is gone calls `stop`."""

    def __init__(
        self,
        *,
        reload: Callable[[], object],
        stop: Callable[[], object],
        soon: Callable[[Callable[[], object]], object],
    ) -> None:
        self._reload = reload
        self._stop = stop
        self._soon = soon
        self._has_terminal = False

    def startService(self) -> None:
        """Hear it from now on."""
        super().startService()
        self._has_terminal = os.isatty(TERMINAL)
        signal.signal(signal.SIGHUP, self._came)

    def stopService(self) -> None:
        """Take it for nothing while everything ends."""
        super().stopService()
        signal.signal(signal.SIGHUP, signal.SIG_IGN)

    def _came(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        self._soon(self._hang_up)

    def _hang_up(self) -> None:
        if self._has_terminal and not os.isatty(TERMINAL):
            self._stop()
        elif self.running:
            self._reload()
