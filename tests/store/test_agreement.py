"""What the chat knows and what its log remembers are the same, whatever people have done.

Random people type random commands, several of them in one commit, and leave; then the
chat is started anew from what the log remembers, and compared with what it was.

    python -m pytest tests/store/test_agreement.py -m soak      # 300 more talks
"""

from __future__ import annotations

import random
from collections.abc import Coroutine
from typing import TYPE_CHECKING

import pytest
from twisted.internet.defer import Deferred

from tests.chat.memory import OpenPasswords
from tests.helpers import NOON
from tests.store.helpers import SqliteEngine, Turns
from twistedchat.chat.accounts import is_account
from twistedchat.chat.chat import Chat
from twistedchat.chat.commands import COMMANDS
from twistedchat.chat.commands.registry import Ask
from twistedchat.chat.errors import ChatError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from twisted.python.failure import Failure

    from twistedchat.chat.door import News
    from twistedchat.chat.prefs import Prefs
    from twistedchat.chat.room import Room
    from twistedchat.chat.sanctions import Sanctions
    from twistedchat.chat.session import Session

NICKS, ROOMS = ("ann", "bob", "cat", "dan", "eve"), ("#lobby", "#one", "#two", "#three")
ADDRESSES = ("", "203.0.113.7", "203.0.113.8", "2001:db8::1")
ABOUT_ROOMS = (
    *(
        "/topic {r}beer",
        "/part {r}",
        "/invite {r}{n}",
        "/kick {r}{n}",
        "/ban {r}{n} {t}",
        "/unban {r}{n}",
        "/slow {r}5s",
    ),
    *("/mute {r}{n} 10s", "/unmute {r}{n}", "/ban {r}203.0.113.0/24", "/unban {r}203.0.113.0/24", "/voice {r}{n}"),
    *("/devoice {r}{n}", "/op {r}{n}", "/deop {r}{n}", "/owner {r}{n}", "/room {r}set join invite"),
    *("/room {r}set join open", "/room {r}set key key", "/room {r}set guests none", "/room {r}set guests talk"),
    *("/room {r}set keep off", "/room {r}set keep forever", "/room {r}set keep 5s", "/rename {r}{s}x", "/drop {r}"),
)
OTHERS = (
    *("/join {s}", "/join {s} key", "/register password-1", "/logout", "/login {n} password-1", "/nick {n}{d}"),
    *("/away x", "/back", "/set time on", "/ignore {n}", "/ban -s {n} 5s", "/unban -s {n}", "/mute -s {n} 5s"),
    *("/kill {n}", "/del", "/edit better", "/msg {n} hi", "/me waves", "/motd {d}"),
)
TWICE = "/drop", "/rename"


class Talk:
    """A chat over a real log, and people who do whatever comes into their minds."""

    def __init__(self, folder: Path, seed: int) -> None:
        self._engine = SqliteEngine(folder)
        self._clock = Turns()
        self._random = random.Random(seed)
        self._at, self._ids = NOON, 0
        self._sessions: list[Session] = []
        self._open()

    def broadcast(self, news: News) -> None:
        """Hear nothing."""

    def prefer(self, session: Session, prefs: Prefs) -> None:
        """Change nothing."""

    def dismiss(self, session: Session, _code: str, _text: str) -> None:
        self._chat.people.depart(session, self._at)

    def goes_on(self, steps: int) -> None:
        """Have people do that many things."""
        for _ in range(steps):
            self._step()
            if self._random.random() < 0.5:
                self._clock.settle()
            if self._random.random() < 0.1:
                self._at += self._random.choice([1, 1000, 5000, 60_000])
            if self._random.random() < 0.03:
                self._begin(self._chat.retain(self._at))
                self._chat.tick(self._at)

    def ends(self) -> tuple[Mapping[str, object], Mapping[str, object]]:
        """Have everybody leave, and begin anew; return what was known before, and what is then."""
        for session in list(self._chat.people.sessions.values()):
            self._chat.people.depart(session, self._at)
        self._clock.settle()
        before = self._known()
        self.closes()
        self._open()
        return before, self._known()

    def closes(self) -> None:
        """End the log."""
        self._begin(self._log.stop())
        self._clock.settle()

    def _open(self) -> None:
        self._log = self._engine.open(self._clock, lambda: None)
        self._chat = Chat(self._log, OpenPasswords(), lobby="#lobby", text_most=400, new_id=self._new_id)
        self._chat.doors.append(self)
        self._sessions = []
        self._chat.start(self._at)
        self._clock.settle()

    def _new_id(self) -> str:
        self._ids += 1
        return f"id{self._ids}"

    def _known(self) -> Mapping[str, object]:
        rooms = (room for room in self._chat.rooms.by_id.values() if not room.temporary)
        accounts = {
            each.id: (each.name, each.admin, each.made, each.prefs) for each in self._chat.people.accounts.values()
        }
        access = self._chat.access
        server = self._holding(access.bans), self._holding(access.mutes), self._chat.motd
        return {room.id: self._of_room(room) for room in rooms} | {"accounts": accounts, "server": server}

    def _of_room(self, room: Room) -> tuple[object, ...]:
        roles = [(person, role) for person, role in room.roles.items() if is_account(person)]
        admitted = {person: since for person, since in room.admitted.items() if is_account(person)}
        heard = dict(room.heard)
        sanctions = self._holding(room.bans), self._holding(room.mutes)
        return (
            room.name,
            room.topic,
            room.head,
            room.settings,
            roles,
            admitted,
            heard,
            room.opened,
            room.expired,
            sanctions,
        )

    def _holding(self, sanctions: Sanctions) -> list[tuple[str, tuple[str, ...], int]]:
        return sorted((each.who, each.masks, each.until) for each in sanctions.holding(self._at))

    # --- what people do ---------------------------------------------------------------------------

    def _step(self) -> None:
        self._sessions = [session for session in self._sessions if not session.gone]
        if len(self._sessions) < 3 or self._random.random() < 0.05:
            self._enter()
            return
        session = self._random.choice(self._sessions)
        if self._random.random() < 0.05:
            self._chat.people.depart(session, self._at, goodbye=self._random.random() < 0.5)
            return
        line = self._line()
        for _ in range(1 + line.startswith(TWICE)):
            self._types(session, line)
        if session.active is not None and self._random.random() < 0.3:
            self._says(session, session.active)

    def _line(self) -> str:
        choice = self._random.choice
        here = [session.nick for session in self._sessions]
        line = choice(ABOUT_ROOMS + OTHERS)
        room = choice(["", f"{choice(ROOMS)} "])
        names = [*here, *(account.name for account in self._chat.people.accounts.values()), *NICKS]
        return line.format(r=room, s=choice(ROOMS), n=choice(names), t=choice(["", "10s", "1h"]), d=choice("0123"))

    def _enter(self) -> None:
        known = list(self._chat.people.accounts)
        address = self._random.choice(ADDRESSES)
        if known and self._random.random() < 0.7:
            self._begin(self._comes("", self._random.choice(known), address))
        else:
            self._begin(self._comes(f"{self._random.choice(NICKS)}{self._random.randrange(3)}", "", address))

    async def _comes(self, nick: str, person: str, address: str) -> None:
        session = self._chat.people.visitor(person, secret_hash=self._new_id(), address=address)
        await self._chat.people.arrive(session, nick, self._at)
        self._sessions.append(session)
        await self._chat.join(session, self._chat.lobby, self._at)

    def _types(self, session: Session, line: str) -> None:
        try:
            command, rest = COMMANDS.parse(line)
            reply = command.run(Ask(self._chat, COMMANDS, session, session.active, self._at), rest)
        except ChatError:
            return
        if isinstance(reply, Coroutine):
            self._begin(reply)

    def _says(self, session: Session, room: Room) -> None:
        try:
            self._chat.say(session, room, f"hello {self._new_id()}", self._at)
        except ChatError:
            return

    def _begin(self, work: Coroutine[Deferred[object], object, object] | Deferred[None]) -> None:
        done = Deferred.fromCoroutine(work) if isinstance(work, Coroutine) else work
        done.addErrback(_refused)


def _refused(failure: Failure) -> None:
    failure.trap(ChatError)


@pytest.mark.parametrize(
    "seed", [*range(20), *(pytest.param(seed, marks=pytest.mark.soak) for seed in range(20, 320))]
)
def test_the_chat_and_its_log_agree(tmp_path: Path, seed: int) -> None:
    """Rooms, roles, who is let in and from where on they may read, accounts, bans and mutes survive a restart."""
    talk = Talk(tmp_path, seed)
    for _ in range(3):
        talk.goes_on(120)
        before, after = talk.ends()
        assert after == before
    talk.closes()
