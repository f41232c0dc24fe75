"""People in a chat, what they are shown there, and the model that it is held against."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from tests.chat.model import KEEPERS, Model
from tests.chat.world import World
from twistedchat.chat.acts import Banned, RoomSet
from twistedchat.chat.claim import claim_hash
from twistedchat.chat.commands import COMMANDS
from twistedchat.chat.commands.registry import Ask
from twistedchat.chat.door import Door
from twistedchat.chat.events import Direct, Entry
from twistedchat.chat.sanctions import is_network

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator

    from tests.chat.places import Place
    from twistedchat.chat.chat import Chat
    from twistedchat.chat.door import News
    from twistedchat.chat.prefs import Prefs
    from twistedchat.chat.replies import Reply
    from twistedchat.chat.room import Room
    from twistedchat.chat.session import Session

SECOND = 1000
HAPPENED: Counter[str] = Counter()
"""How often each thing has happened, over all runs of the machine."""


def text_of(entry: Entry) -> str:
    """Return what an entry says, "" where it says nothing."""
    text: str = getattr(entry.event, "text", "")
    return text


def _kinds(entry: Entry) -> Iterator[str]:
    """Yield how that which has happened is counted."""
    event = entry.event
    yield type(event).__name__
    if isinstance(event, RoomSet):
        yield f"{event.name} {event.value}"
    if isinstance(event, Banned):
        yield "banned from its room" if entry.stream else "banned from the server"
        if any(is_network(mask) for mask in event.masks):
            yield "banned by address"


class Watch(Door):
    """A door that keeps for each session exactly what a door would send it, and has the model know of it all.

    Whoever is in a room after a batch hears what comes next, until they are out.
    """

    def __init__(self, chat: Chat, model: Model) -> None:
        self._chat = chat
        self._model = model
        self._hearing: dict[Room, set[Session]] = {}
        self.told: dict[str, list[tuple[str, int, str]]] = {}
        self.whispered: dict[str, list[str]] = {}

    def broadcast(self, news: News) -> None:
        for room, placed in news.rooms.items():
            out = news.out.get(room, {})
            for session in self._hearing.get(room, ()):
                for _, entry in placed[: out.get(session, len(placed))]:
                    if entry.seq:
                        self.told.setdefault(session.id, []).append((room.id, entry.seq, text_of(entry)))
        for (_, entry), people in news.direct:
            if isinstance(entry.event, Direct):
                for session in people:
                    self.whispered.setdefault(session.id, []).append(text_of(entry))
        for room, out in news.out.items():
            self._hearing.get(room, set()).difference_update(out)
        for room in self._chat.rooms:
            self._hearing.setdefault(room, set()).update(room.members.values())
        HAPPENED.update(what for _, entry in news.settled if isinstance(entry, Entry) for what in _kinds(entry))
        HAPPENED["put out"] += sum(map(len, news.out.values()))
        self._model.batch(news.settled)

    def prefer(self, session: Session, prefs: Prefs) -> None: ...

    def dismiss(self, session: Session, code: str, text: str) -> None: ...


class Stage:
    """A chat and a model of it, to which the same things happen; `types` has somebody type something."""

    def __init__(self) -> None:
        self.world = World()
        self.model = Model(self.world.lobby.id)
        self.watch = Watch(self.world.chat, self.model)
        self.world.chat.doors.append(self.watch)
        self.sessions: list[Session] = []
        self.words = self.visitors = 0
        self.gone: list[tuple[str, str, str]] = []
        self.sent: dict[str, frozenset[str]] = {}
        self.model.at = self.world.at

    # --- doing ------------------------------------------------------------------------------------

    def passes(self, milliseconds: int = SECOND) -> None:
        """Have time go by."""
        self.world.at += milliseconds
        self.model.at = self.world.at

    def comes(self, nick: str, person: str = "", address: str = "", secret: str = "") -> Session | None:
        """Have somebody come in, and return them if they may."""
        self.visitors += 1
        secret = secret or f"s{self.visitors}" * (self.visitors % 2)
        session = self.world.chat.people.visitor(person, address=address, secret_hash=secret)
        self.model.addresses[session.id] = address
        if self.does(self.world.chat.people.arrive(session, nick, self.world.at)):
            self.sessions.append(session)
            self.types(session, "/join #lobby")
            return session
        return None

    def comes_back(self, number: int, address: str) -> None:
        """Have somebody come again who has left, or whose account it is."""
        known = [*self.gone, *((account, "", "") for account in self.model.made)]
        if known:
            person, nick, secret = known[number % len(known)]
            HAPPENED["came back"] += 1
            self.comes(nick or "whoever", person, address, secret)

    def goes(self, session: Session, *, goodbye: bool, settles: bool) -> None:
        """Have somebody go; one in two guests has a secret to come back with."""
        if session.by not in self.model.made and session.returns:
            self.gone.append((session.by, session.nick, session.secret_hash))
        self.world.chat.people.depart(session, self.world.at, goodbye=goodbye)
        if settles:
            self.world.settle()

    def knocks(self, session: Session, name: str, key: str) -> None:
        """Have the model know by which keys somebody has asked to be let in."""
        for stream, place in self.model.places.items():
            if place.name == name:
                self.model.keys.setdefault((session.id, stream), set()).add(key)

    def retains(self) -> None:
        """Forget what is kept no longer."""
        self.world.settle()
        self.does(self.world.chat.retain(self.world.at))
        self.model.retain()

    def does(self, work: Coroutine[object, None, object]) -> bool:
        """Do something to its end; return whether it was permitted."""
        errand = self.world.begin(work)
        self.world.settle()
        HAPPENED["refused"] += errand.refusal is not None
        return errand.refusal is None

    def types(self, session: Session, line: str, *, settles: bool = True) -> None:
        """Have somebody type something, which is settled at once or together with what follows."""
        errand = self.world.begin(self.typed(session, line))
        HAPPENED["refused"] += errand.refusal is not None
        if settles:
            self.world.settle()

    def line(self, step: str, victim: Session, stream: str) -> str:
        """Return what is typed for a step that is about somebody and a room."""
        mask = f"{victim.address or '203.0.113.9'}/32"
        name = self.model.places[stream].name
        return step.removeprefix("!").format(room=name, nick=victim.nick, mask=mask, text=self.new_text())

    async def typed(self, session: Session, line: str) -> Reply | None:
        """Do what somebody types, and return the answer."""
        chat, at = self.world.chat, self.world.at
        ask = Ask(chat, COMMANDS, session, session.active, at)
        if not line.startswith("/"):
            chat.say(session, ask.room, line, at)
            return None
        command, rest = COMMANDS.parse(line)
        reply = command.run(ask, rest)
        return await reply if command.waits else reply  # type: ignore[misc, return-value]

    def new_text(self) -> str:
        """Return words that nobody has said before; "all" is in all of them."""
        self.words += 1
        return f"all w{self.words}"

    def chatters(self, number: int) -> None:
        """Have somebody in each room say something there, so that whatever has happened is followed by words."""
        self.world.settle()
        for stream in self.model.places:
            session = self.inmate(number, stream)
            if session.active is not None and session.active.id == stream:
                self.types(session, self.new_text(), settles=False)
        self.world.settle()

    def claims(self, session: Session) -> None:
        """Make somebody an admin."""
        self.does(self.world.chat.accounts.claim(session, claim_hash("a code"), self.world.at))

    # --- choosing ---------------------------------------------------------------------------------

    def anybody(self, number: int) -> Session:
        self.sessions = [session for session in self.sessions if session.id in self.model.visits]
        if not self.sessions:
            self.comes(f"new{self.words}")
            self.words += 1
        return self.sessions[number % len(self.sessions)]

    def somebody(self, number: int) -> tuple[str, str]:
        """Return the name and the person of somebody who is here, or who has an account."""
        people = {visit.nick: visit.person for visit in self.model.visits.values()}
        people |= {account.name: account.id for account in self.world.chat.people.accounts.values()}
        return sorted(people.items())[number % len(people)] if people else ("nobody", "")

    def keeper(self, number: int, place: Place) -> Session:
        """Return somebody who keeps order there: an admin comes if there is nobody."""
        self.anybody(number)
        if not self._keepers(place):
            self.comes("boss", next(iter(self.model.admins & self.model.made.keys()), ""))
        keepers = self._keepers(place) or self.sessions
        return keepers[number % len(keepers)]

    def _keepers(self, place: Place) -> list[Session]:
        return [each for each in self.sessions if self.model.role(each.by, place) in KEEPERS]

    def lesser(self, number: int, stream: str) -> Session:
        """Return somebody who is in there and does not keep order, or else anybody."""
        first, place = self.anybody(number), self.model.places[stream]
        inside = [each for each in self.sessions if stream in each.rooms and each not in self._keepers(place)]
        return inside[number % len(inside)] if inside else first

    def inmate(self, number: int, stream: str) -> Session:
        """Return somebody who is in there, active there, or else anybody."""
        first = self.anybody(number)
        inside = [each for each in self.sessions if stream in each.rooms]
        found = inside[number % len(inside)] if inside else first
        found.active = found.rooms.get(stream, found.active)
        return found

    def outsider(self, number: int, stream: str) -> Session:
        """Return somebody who is not in there, or else anybody."""
        first = self.anybody(number)
        outside = [each for each in self.sessions if stream not in each.rooms]
        return outside[number % len(outside)] if outside else first

    def room(self, number: int) -> tuple[str, Place]:
        places = sorted(self.model.places.items(), key=lambda pair: pair[1].name)
        return places[number % len(places)]
