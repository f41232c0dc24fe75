"""What people do in a chat, at random: everything that can change who may see what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from tests.chat.places import Place
from tests.chat.stage import HAPPENED, SECOND, Stage
from tests.chat.views import check_everything

if TYPE_CHECKING:
    from twistedchat.chat.session import Session

NUMBERS = st.integers(0, 59)
SETTLES = st.sampled_from([True, True, True, False])
KEYS = st.sampled_from(["", "", "one", "two"])
ADDRESSES = st.sampled_from(["", "", "198.51.100.7", "203.0.113.5", "203.0.113.9"])
NICKS = st.sampled_from(["ann", "bob", "cat", "dan", "eve", "fay"])
ROOMS = st.sampled_from(["#den", "#pub", "#oak", "#elm"])
MASKS = st.sampled_from(["203.0.113.0/24", "198.51.100.7"])
MOST = 9
"""How many come by themselves."""
ACTS = (
    *(
        "/kick {room} {nick}",
        "/kick {room} {nick}",
        "/ban {room} {nick}",
        "/ban {room} {nick} 20s",
        "/ban {room} {mask}",
    ),
    *("/unban {room} {name}", "/unban {room} {name}", "/invite {room} {nick}", "/invite {room} {nick}"),
    *("/op {room} {nick}", "/voice {room} {nick}", "/owner {room} {nick}", "/deop {room} {nick}"),
    *("/devoice {room} {nick}", "/mute {room} {nick} 10s", "/topic {room} beer"),
)
AT_ONCE = (
    *("!/join {room}", "!/join {room} one", "!/part {room}", "!{text}", "!/me {text}", "!/logout", "!/edit {text}"),
    *("/kick {room} {nick}", "/ban {room} {nick} 10s", "/invite {room} {nick}", "/op {room} {nick}", "{text}"),
    *("/room {room} set join open", "/room {room} set join invite", "/room {room} set key one", "/drop {room}"),
    *("/room {room} set key two", "/room {room} set guests none", "/room {room} set guests default", "/del {nick}"),
    *("/ban -s {nick} 10s", "/ban {room} {mask}", "/deop {room} {nick}"),
)
"""What is asked for in one moment, and settled together; what begins with ! is done by whom it is done to."""
STEPS = (
    *(
        "!/join {room} one",
        "!/join {room} one",
        "!/join {room}",
        "!/part {room}",
        "!/logout",
        "!/login ann ann-secret",
    ),
    *(
        "!/register the-secret",
        "/kick {room} {nick}",
        "/kick {room} {nick}",
        "/ban {room} {nick}",
        "/ban {room} {mask}",
    ),
    *("/unban {room} {nick}", "/unban {room} {mask}", "/invite {room} {nick}", "/invite {room} {nick}"),
    *("/op {room} {nick}", "/deop {room} {nick}", "/voice {room} {nick}", "/room {room} set guests none"),
    *("/room {room} set guests default", "/room {room} set join open", "/room {room} set join invite"),
    *(
        "/room {room} set key one",
        "/room {room} set keep off",
        "/room {room} set keep forever",
        "!/edit {text}",
        "!/del",
    ),
)
"""What is done one after another by and to one person in one room."""
SETTINGS = (
    *("join open", "join open", "join invite", "join invite", "key one", "key two", "guests none", "guests default"),
    *("keep off", "keep forever", "keep 30s", "talk voice", "talk all"),
)


class Machine(RuleBasedStateMachine):
    """What people do, each rule one thing; `who` and `whom` choose among those who are here."""

    def __init__(self) -> None:
        super().__init__()
        self.stage = Stage()
        self.steps = 0

    @initialize(setting=st.sampled_from(["join open", "join invite", "key one"]))
    def begin(self, setting: str) -> None:
        stage = self.stage
        for nick in ("boss", "ann", "bob", "cat"):
            stage.comes(nick, address="203.0.113.5" if nick == "cat" else "")
        boss, ann, bob, _ = stage.sessions
        for session in (boss, ann, bob):
            stage.types(session, f"/register {session.nick}-secret")
        stage.claims(boss)
        for session in (ann, bob):
            stage.types(session, "/join #den")
        stage.chatters(0)
        stage.types(ann, f"/room #den set {setting}")

    # --- talking --------------------------------------------------------------------------------

    @rule(who=NUMBERS, where=NUMBERS, how=st.sampled_from(["", "", "/me ", "/topic "]), settles=SETTLES)
    def say(self, *, who: int, where: int, how: str, settles: bool) -> None:
        stream, _ = self.stage.room(where)
        self._types(self.stage.inmate(who, stream), how + self.stage.new_text(), settles=settles)

    @rule(who=NUMBERS, whom=NUMBERS, later=NUMBERS, settles=SETTLES)
    def whisper(self, *, who: int, whom: int, later: int, settles: bool) -> None:
        session = self.stage.anybody(who)
        self._whispers(session, "/msg", *self.stage.somebody(whom), settles=settles)
        self._whispers(self.stage.anybody(later), "/msg", session.nick, session.by, settles=True)
        self._whispers(session, "/r", "", self.stage.model.partners.get(session.by, "nobody"), settles=settles)

    def _whispers(self, session: Session, command: str, nick: str, person: str, *, settles: bool) -> None:
        if session.gone:  # nobody hears what they type, and their person is another object when they come back
            return
        text = self.stage.new_text()
        self.stage.sent[text] = frozenset({session.by, person})
        self._types(session, " ".join(f"{command} {nick} {text}".split()), settles=settles)

    @rule(
        who=NUMBERS,
        where=NUMBERS,
        whom=NUMBERS,
        how=st.sampled_from(["edit", "edit some", "del", "del other"]),
        settles=SETTLES,
    )
    def correct(self, *, who: int, where: int, whom: int, how: str, settles: bool) -> None:
        stream, place = self.stage.room(where)
        nick, _ = self.stage.somebody(whom)
        if how == "del other":
            self.stage.keeper(who, place)
        text = self.stage.new_text()
        lines = {
            "edit": f"/edit {text}",
            "edit some": f"/edit ^{whom} {text}",
            "del": "/del",
            "del other": f"/del {nick}",
        }
        line = lines[how]
        self._types(self.stage.inmate(who, stream), line, settles=settles)

    # --- coming and going -------------------------------------------------------------------------

    @rule(who=NUMBERS, where=ROOMS, key=KEYS, settles=SETTLES)
    def join(self, *, who: int, where: str, key: str, settles: bool) -> None:
        session = self.stage.anybody(who)
        self.stage.knocks(session, where, key)
        self._types(session, f"/join {where} {key}", settles=settles)

    @rule(who=NUMBERS, where=NUMBERS, settles=SETTLES)
    def part(self, *, who: int, where: int, settles: bool) -> None:
        stream, place = self.stage.room(where)
        self._types(self.stage.inmate(who, stream), f"/part {place.name}", settles=settles)

    @rule(nick=NICKS, address=ADDRESSES, back=NUMBERS)
    def come(self, *, nick: str, address: str, back: int) -> None:
        if len(self.stage.sessions) < MOST:
            self.stage.passes()
            self.stage.comes_back(back, address) if back % 3 else self.stage.comes(nick, address=address)
            self._look()

    @rule(who=NUMBERS, goodbye=st.booleans(), settles=SETTLES)
    def go(self, *, who: int, goodbye: bool, settles: bool) -> None:
        self.stage.goes(self.stage.anybody(who), goodbye=goodbye, settles=settles)
        self._look(settles=settles)

    @rule(who=NUMBERS, whom=NUMBERS, how=st.sampled_from(["register", "login", "login", "logout", "nick"]), to=NICKS)
    def be_somebody_else(self, *, who: int, whom: int, how: str, to: str) -> None:
        session, (nick, person) = self.stage.anybody(who), self.stage.somebody(whom)
        password = self.stage.world.log.passwords.get(person, "").removeprefix("hash of ")
        line = {
            "register": f"/register {session.nick}-secret",
            "login": f"/login {nick} {password}",
            "logout": "/logout",
        }
        self._types(session, line.get(how, f"/nick {to}"))

    @rule(
        whom=NUMBERS,
        where=NUMBERS,
        again=st.booleans(),
        steps=st.lists(st.sampled_from(STEPS), min_size=2, max_size=7),
    )
    def go_in_and_out(self, *, whom: int, where: int, again: bool, steps: list[str]) -> None:
        stream, place = self.stage.room(where)
        victim = self.stage.lesser(whom, stream)
        if again and victim.person.account is not None:
            self.stage.comes(victim.nick, victim.by, "203.0.113.9")
            for other in victim.person.sessions:
                self.stage.knocks(other, place.name, "one")
                self.stage.types(other, f"/join {place.name} one")
        for step in steps:
            if victim.gone or stream not in self.stage.model.places:
                return
            session = victim if step.startswith("!") else self.stage.keeper(whom, place)
            self.stage.knocks(victim, place.name, "one" if step.endswith("one") else "")
            self._types(session, self.stage.line(step, victim, stream))

    # --- keeping order ----------------------------------------------------------------------------

    @rule(who=NUMBERS, whom=NUMBERS, where=NUMBERS, how=st.sampled_from(ACTS), mask=MASKS, settles=SETTLES)
    def act(self, *, who: int, whom: int, where: int, how: str, mask: str, settles: bool) -> None:
        stream, place = self.stage.room(where)
        nick = self.stage.lesser(whom, stream).nick if whom % 3 else self.stage.somebody(whom)[0]
        name = (sorted(place.bans) or [nick])[whom % max(1, len(place.bans))]
        line = how.format(room=place.name, nick=nick, mask=mask, name=name)
        self._types(self.stage.keeper(who, place), line, settles=settles)

    @rule(
        who=NUMBERS, whom=NUMBERS, where=NUMBERS, at_once=st.lists(st.sampled_from(AT_ONCE), min_size=2, max_size=3)
    )
    def do_at_once(self, *, who: int, whom: int, where: int, at_once: list[str]) -> None:
        stream, place = self.stage.room(where)
        victim = self.stage.lesser(whom, stream) if whom % 2 else self.stage.anybody(whom)
        for how in at_once:
            session = victim if how.startswith("!") else self.stage.keeper(who, place)
            victim.active = victim.rooms.get(stream, victim.active)
            self.stage.knocks(victim, place.name, how.removeprefix("!/join {room}").strip())
            self.stage.types(session, self.stage.line(how, victim, stream), settles=False)
        self._look()

    @rule(who=NUMBERS, where=NUMBERS, setting=st.sampled_from(SETTINGS), settles=SETTLES)
    def set(self, *, who: int, where: int, setting: str, settles: bool) -> None:
        _, place = self.stage.room(where)
        self._types(self.stage.keeper(who, place), f"/room {place.name} set {setting}", settles=settles)

    @rule(
        who=NUMBERS, whom=NUMBERS, how=st.sampled_from(["/ban -s {} 20s", "/ban -s {}", "/kill {}", "/unban -s {}"])
    )
    def act_on_the_server(self, *, who: int, whom: int, how: str) -> None:
        bans = sorted(self.stage.model.bans)
        nick = bans[whom % len(bans)] if bans and "unban" in how else self.stage.somebody(whom)[0]
        self._types(self.stage.keeper(who, Place("")), how.format(nick))

    @rule(who=NUMBERS, whom=NUMBERS, where=NUMBERS, invited=st.booleans(), key=KEYS)
    def bring(self, *, who: int, whom: int, where: int, invited: bool, key: str) -> None:
        stream, place = self.stage.room(where)
        session = self.stage.outsider(whom, stream)
        if invited:
            self._types(self.stage.keeper(who, place), f"/invite {place.name} {session.nick}")
        self.stage.knocks(session, place.name, key)
        self._types(session, f"/join {place.name} {key}")

    @rule(who=NUMBERS, where=NUMBERS, to=ROOMS)
    def rename(self, *, who: int, where: int, to: str) -> None:
        _, place = self.stage.room(where)
        keeper = self.stage.keeper(who, place)
        for _ in range(2):
            self._types(keeper, f"/rename {place.name} {to}")

    @rule(who=NUMBERS, where=NUMBERS, sure=st.sampled_from([False, False, True]))
    def drop(self, *, who: int, where: int, sure: bool) -> None:
        _, place = self.stage.room(where)
        keeper = self.stage.keeper(who, place)
        for _ in range(1 + sure):
            self._types(keeper, f"/drop {place.name}")

    @rule(seconds=st.sampled_from([5, 40]), retains=st.booleans())
    def wait(self, *, seconds: int, retains: bool) -> None:
        self.stage.passes(seconds * SECOND)
        if retains:
            self.stage.retains()
        self._look()

    # --- looking ----------------------------------------------------------------------------------

    def _types(self, session: Session, line: str, *, settles: bool = True) -> None:
        self.stage.passes()
        self.stage.types(session, line, settles=settles)
        self._look(settles=settles)

    def _look(self, *, settles: bool = True) -> None:
        HAPPENED["steps"] += 1
        self.steps += 1
        if settles:
            self.stage.chatters(self.steps)
            check_everything(self.stage, self.steps)
