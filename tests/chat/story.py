"""Stories of one person and one room: what is done, step by step, and whether all see what they may after each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.chat.stage import Stage
from tests.chat.views import check_everything

if TYPE_CHECKING:
    from collections.abc import Sequence

HERE, THERE = "203.0.113.9", "198.51.100.7"
STEPS = (
    *(
        "!/join {room} one",
        "!/join {room} one",
        "!/join {room}",
        "!/part {room}",
        "!/logout",
        "!/login dan dan-secret",
    ),
    *("!/register the-secret", "!lose", "!return", "!again", "/kick {room} {nick}", "/ban {room} {nick}"),
    *("/ban {room} {mask}", "/ban {room} {nick} 20s", "/unban {room} {nick}", "/unban {room} {mask}", "wait"),
    *("/invite {room} {nick}", "/op {room} {nick}", "/deop {room} {nick}", "/voice {room} {nick}"),
    *("/room {room} set guests none", "/room {room} set guests default", "/ban -s {nick} 20s"),
    *("/room {room} set join open", "/room {room} set join open", "/room {room} set join invite"),
    *("/room {room} set join invite", "/room {room} set key one", "/room {room} set key two"),
    *("/room {room} set keep off", "/room {room} set keep forever", "!/edit {text}", "!/edit ^1 {text}", "!/del"),
)
"""What is done by somebody (!) or to them; what they do is known to be done with the key that is in it."""


class Story:
    """A room with its owner, an admin, somebody outside, and the one whom it is about: a guest or a member."""

    def __init__(self, *, member: bool, inside: bool) -> None:
        self.stage = Stage()
        for nick in ("boss", "ann", "dan", "bob"):
            self.stage.comes(nick, address=HERE if nick == "bob" else "", secret=f"secret of {nick}")
        boss, ann, dan, self.victim = self.stage.sessions
        self.boss, self.ann = boss, ann
        for session in (boss, ann, dan):
            self.stage.types(session, f"/register {session.nick}-secret")
        self.stage.claims(boss)
        if member:
            self.stage.types(self.victim, "/register bob-secret")
        self.stage.types(ann, "/join #den")
        self.stream = next(stream for stream, place in self.stage.model.places.items() if place.name == "#den")
        if inside:
            self.stage.types(self.victim, "/join #den")
        self.stage.types(dan, "/part #lobby")
        self.number = 0

    def goes(self, steps: Sequence[str]) -> None:
        """Have it go on by these steps; those that are joined by an & happen in one moment."""
        self._look()
        for step in steps:
            self.stage.passes()
            comes = step == "!/join {room}" and self.stage.model.lets_in(self.victim.id, self.stream)
            if self.stream in self.stage.model.places:
                for each in step.split(" & "):
                    self._does(each)
            self._look()
            assert not comes or self.stream in self.victim.rooms, "who is let in was refused"

    def _does(self, step: str) -> None:
        stage, victim = self.stage, self.victim
        match step:
            case "wait":
                stage.passes(30_000)
            case "!lose":
                stage.goes(victim, goodbye=False, settles=False)
            case "!again" if victim.person.account is None:
                pass  # a guest has one connection: another one with their secret ends it
            case "!return" | "!again":
                stage.world.settle()
                self.victim = stage.comes("bob", victim.by, THERE, victim.secret_hash * (step == "!return")) or victim
            case _:
                place = stage.model.places[self.stream]
                keeper = self.boss if self.number % 2 or " -s " in step else self.ann
                session = victim if step.startswith("!") else keeper
                if step.startswith("!/join"):
                    stage.knocks(victim, place.name, step.rpartition("{room}")[2].strip())
                if not session.gone:
                    stage.types(session, stage.line(step, victim, self.stream), settles=False)

    def _look(self) -> None:
        self.number += 1
        self.stage.world.settle()
        self.stage.chatters(self.number)
        check_everything(self.stage, self.number)
