"""Somebody of some role, in some state, in a room with people of every rank."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.chat.matrix import ADMIN, GUEST, GUESTS_READ, MUTED, NAMING, OP, OWNER, TABLE, VOICE, State
from tests.chat.world import World
from twistedchat.chat import acts
from twistedchat.chat.commands import COMMANDS
from twistedchat.chat.commands.registry import Ask
from twistedchat.chat.events import Event, Proposal

if TYPE_CHECKING:
    from tests.chat.world import Errand
    from twistedchat.chat.replies import Reply
    from twistedchat.chat.room import Room
    from twistedchat.chat.session import Session


class Scene:
    """A world with #den in it, and somebody of some role in some state there: the actor.

    There are `rose`, who owns it, `vic`, a member, `low`, who has voice, `pal`, an op, and `foe`, whom everything
    hits that can be lifted.
    """

    def __init__(self, role: str, state: State, setting: str = "", value: str = "") -> None:
        self.world = World()
        people = {nick: self.world.member(nick) for nick in ("rose", "vic", "low", "pal", "foe")}
        self.den = self.world.room(people["rose"], "#den", *people.values())
        self.grant("low", VOICE)
        self.grant("pal", OP)
        foe = people["foe"].by
        for room in (self.den, None):
            self.happens(acts.Banned("rose", "foe", (foe,)), room)
            self.happens(acts.Muted("rose", "foe", (foe,)), room)
        self.rose, self.vic = people["rose"], people["vic"]
        self.actor = self.somebody("act", role)
        self.world.do(self.world.chat.people.set_away(self.actor, "", self.world.at))
        self.runs(self.actor, "/ignore pal")
        self.runs(self.vic, "/msg act psst")
        for session in (self.vic, self.actor):
            self.runs(session, "some words")
        if setting:
            self.set(setting, value)
        self.come_to(state)

    def somebody(self, nick: str, role: str) -> Session:
        """Return somebody of that role who is in the room, and in no other."""
        enter = self.world.enter if role == GUEST else self.world.admin if role == ADMIN else self.world.member
        session = enter(nick)
        self.world.do(self.world.chat.enter(session, "#den", self.world.at))
        if role in {VOICE, OP, OWNER}:
            self.grant(nick, role)
        self.runs(session, "/part #lobby")
        return session

    def grant(self, nick: str, role: str) -> None:
        """Have somebody be something in the room."""
        account = self.world.chat.people.named(nick).id
        self.happens(acts.Granted("rose", nick, account, role), self.den)

    def come_to(self, state: State) -> None:
        """Have the actor come into that state."""
        nick, by = self.actor.nick, self.actor.by
        match state:
            case State.MUTED | State.SILENCED:
                self.happens(acts.Muted("rose", nick, (by,)), self.den if state is MUTED else None)
            case State.KICKED:
                self.happens(acts.Kicked("rose", nick, by), self.den)
            case State.BANNED:
                self.happens(acts.Banned("rose", nick, (by,)), self.den)
            case State.NOWHERE:
                self.runs(self.actor, "/part #den")
            case State.OTHER:
                self.world.room(self.actor, "#other")
                self.actor.active = self.world.chat.rooms.named("#other")
            case State.GUESTS_READ | State.GUESTS_OUT:
                self.set("guests", "read" if state is GUESTS_READ else "none")
            case State.VOICED:
                self.set("talk", "voice")
            case State.SLOW:
                self.set("slow", "1h")

    def set(self, name: str, value: str) -> None:
        """Have the room be kept so."""
        self.world.do(self.world.chat.moderation.set(self.rose, self.den, name, value, self.world.at))

    def happens(self, event: Event, room: Room | None) -> None:
        """Have something happen, whoever may."""
        self.world.log.append(Proposal(event, room.id if room else "", "", self.world.at))
        self.world.settle()

    def begins(self, line: str, session: Session | None = None) -> Errand[Reply | None]:
        """Have somebody type something, as far as it goes before anything is settled."""
        return self.world.begin(self._typed(session or self.actor, line))

    def runs(self, session: Session, line: str) -> None:
        """Have somebody type something that is permitted, and let it settle."""
        errand = self.begins(line, session)
        self.world.settle()
        errand.result()

    async def _typed(self, session: Session, line: str) -> Reply | None:
        chat, at = self.world.chat, self.world.at
        ask = Ask(chat, COMMANDS, session, session.active, at)
        if not line.startswith("/"):
            chat.say(session, ask.room, line, at)
            return None
        command, rest = COMMANDS.parse(line)
        reply = command.run(ask, rest)
        return await reply if command.waits else reply  # type: ignore[misc, return-value]


def prepared(name: str, role: str, state: State) -> tuple[Scene, str]:
    """Return the scene where that row is tried, and what is typed there."""
    setting = ("topic", "open") if name.endswith("it is open") else ()
    setting = ("join", "invite") if name.endswith("private room") else setting
    line = TABLE[name].line.format("#den" if state in NAMING else "")
    return Scene(role, state, *setting), " ".join(line.split())
