"""What is said to a bot only: the conversations, and what was missed of them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from twisted.logger import Logger

from twistedchat.client import wire
from twistedchat.client.feed import Feed
from twistedchat.client.notebook import Mark
from twistedchat.client.tap import PAGE, Tap

if TYPE_CHECKING:
    from collections.abc import Callable

    from twisted.internet.defer import Deferred

    from twistedchat.client.notebook import Notebook
    from twistedchat.client.session import Session

_KNOWN = 1000
"""With so many people it is known how far one has heard."""
_log = Logger("tcpchat.bot")


class Post:
    """All private messages to us, of each person in their order; our own are not among them.

    After each welcome everybody with whom we have talked is asked about. ``missed`` is told
    a nick and the code of why something of theirs cannot be heard.
    """

    def __init__(self, session: Session, notebook: Notebook, missed: Callable[[str, str], None]) -> None:
        self._session = session
        self._notebook = notebook
        self._missed = missed
        self.feed = Feed(self._finished, self._fetch)
        self._taps: dict[str, Tap] = {}
        self._begun: dict[str, int] = {}

    def listen(self) -> None:
        """Hear what came since the notebook was written, and all that comes."""
        if self.feed.wanted or self._session.sends.over is not None:
            return
        self.feed.open()
        begun, self._begun = self._begun, {}
        for nick, seq in begun.items():
            self._introduce(nick, seq)
        self.welcomed()

    def welcomed(self) -> None:
        """Ask what was said while we were away."""
        if self.feed.wanted:
            for nick in {**self._notebook.state.private, **self._taps}:
                self._tap(nick).catch_up()

    def another_server(self) -> None:
        """Take note that the server has another history: nobody is known there."""
        for tap in self._taps.values():
            tap.start(None)
        self._taps.clear()
        self._begun.clear()

    def heard(self, event: wire.Direct) -> None:
        """Collect what is said."""
        nick = (event.to if self._is_ours(event) else event.nick).casefold()
        tap = self._tap(nick)
        if tap.last is None or (event.seq <= tap.last and event.id > tap.id):  # the first, or of another of that name
            tap.start(event.seq - 1)
        if tap.last is not None and event.seq > tap.last and not self._is_ours(event):
            self._introduce(nick, tap.last)
        tap.take(event)

    def renamed(self, nick: str, to: str) -> None:
        """Know somebody by another name."""
        private = self._notebook.state.private
        old, new = nick.casefold(), to.casefold()
        if old != new and old in self._taps:
            self._taps[new] = self._taps.pop(old)
            if old in private:
                self._notebook.note_partner(new, private.pop(old))

    def _is_ours(self, event: wire.Direct) -> bool:
        return event.nick.casefold() == self._session.nick.casefold()

    def _wants(self, event: wire.News) -> bool:
        return isinstance(event, wire.Direct) and not self._is_ours(event)

    def _tap(self, nick: str) -> Tap:
        if nick not in self._taps:
            self._forget_one()
            tap = Tap(self.feed, lambda after: self._page(tap, after), self._cannot(nick), self._wants, strict=True)
            self._taps[nick] = tap
            mark = self._notebook.state.private.get(nick)
            if mark is not None:
                tap.start(mark.seq)
                tap.id = mark.id
        return self._taps[nick]

    def _forget_one(self) -> None:
        """Make room for somebody new: of whoever was here first and has nothing waiting nothing is known."""
        if len(self._taps) >= _KNOWN:
            nick = next((nick for nick, tap in self._taps.items() if not tap.behind), next(iter(self._taps)))
            del self._taps[nick]
            self._begun.pop(nick, None)

    def _cannot(self, nick: str) -> Callable[[str], None]:
        return partial(self._missed, nick)

    def _page(self, tap: Tap, after: int) -> Deferred[wire.Reply]:
        nick = next((nick for nick, each in self._taps.items() if each is tap), "")
        return self._session.sends.submit({"op": "history", "with": nick, "after": after, "limit": PAGE})

    def _fetch(self) -> None:
        for tap in self._taps.values():
            tap.fetch()

    def _introduce(self, nick: str, seq: int) -> None:
        """Remember somebody from their first word on, so that it is asked for again if we die of it."""
        if not self.feed.wanted:
            self._begun.setdefault(nick, seq)
        elif nick not in self._notebook.state.private:
            self._notebook.note_partner(nick, Mark(seq))
            self._notebook.keep().addErrback(lambda why: _log.error("The state cannot be kept: {why}", why=why.value))

    def _finished(self, event: wire.News, life: int) -> Deferred[None] | None:
        nick = event.nick.casefold()
        if not isinstance(event, wire.Direct) or nick not in self._taps or life != self._taps[nick].life:
            return None
        self._notebook.note_partner(nick, Mark(event.seq, id=event.id))
        return self._notebook.keep()
