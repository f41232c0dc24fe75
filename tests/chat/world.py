"""The chat between a log that is only lists and a door that remembers what it was told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from tests.helpers import NOON
from twistedchat.chat.chat import Chat
from twistedchat.chat.door import Door
from twistedchat.chat.errors import ChatError, NickTaken
from twistedchat.chat.events import Entry, Proposal, Repeated
from twistedchat.chat.log import Remembered
from twistedchat.chat.roles import Roles

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Generator, Sequence

    from twistedchat.chat.chat import News
    from twistedchat.chat.events import Event, Outcome
    from twistedchat.chat.log import OnBatch
    from twistedchat.chat.room import Room
    from twistedchat.chat.session import Session

T = TypeVar("T")


class Placing:
    """What `place` gives to wait for."""

    def __init__(self) -> None:
        self.outcome: Outcome | None = None

    def __await__(self) -> Generator[None, None, Entry]:
        while self.outcome is None:
            yield
        if isinstance(self.outcome, ChatError):
            raise self.outcome
        assert isinstance(self.outcome, Entry)
        return self.outcome


class MemoryLog:
    """A log that commits when it is told to; `refusal`, where there is one, refuses the next batch."""

    crowded = False

    def __init__(self, remembered: Remembered) -> None:
        self.remembered = remembered
        self.entries: list[Entry] = []
        self.waiting: list[Proposal] = []
        self.claims: dict[str, str] = {}
        self.refusal: ChatError | None = None
        self._placings: dict[int, Placing] = {}

    def start(self, on_batch: OnBatch, at: int) -> Remembered:
        self._on_batch, self._at = on_batch, at
        return self.remembered

    async def stop(self) -> None:
        self.commit()

    def append(self, proposal: Proposal) -> None:
        self.waiting.append(proposal)

    def place(self, proposal: Proposal) -> Placing:
        placing = self._placings[id(proposal)] = Placing()
        self.append(proposal)
        return placing

    async def read(self, stream: str, after: int, upto: int, limit: int) -> Sequence[Entry]:
        return [each for each in self.entries if each.stream == stream and after < each.seq <= upto][:limit]

    async def guest(self, secret_hash: str) -> str:  # noqa: ARG002 - nobody has a secret here
        return ""

    def commit(self) -> None:
        """Give everything that waits its place, report it, and answer whoever waits for it."""
        batch, self.waiting = self.waiting, []
        settled = [(proposal, self.refusal or self._outcome(proposal)) for proposal in batch]
        self.refusal = None
        self._on_batch(settled)
        for proposal, outcome in settled:
            if id(proposal) in self._placings:
                self._placings.pop(id(proposal)).outcome = outcome

    def _outcome(self, proposal: Proposal) -> Outcome:
        if any(self.claims.get(claim, proposal.by) != proposal.by for claim in proposal.claims):
            return NickTaken("taken by somebody on another node")
        for claim in proposal.releases:
            if self.claims.get(claim) == proposal.by:
                del self.claims[claim]
        self.claims.update(dict.fromkeys(proposal.claims, proposal.by))
        if not proposal.event.kept:
            return Entry(proposal.event, proposal.stream, 0, 0, proposal.at, proposal.by)
        for entry in self.entries:
            if proposal.cid and (entry.by, entry.cid) == (proposal.by, proposal.cid):
                return Repeated(entry)
        seq = 1 + sum(entry.stream == proposal.stream for entry in self.entries)
        place = (seq, len(self.entries) + 1)
        self.entries.append(Entry(proposal.event, proposal.stream, *place, proposal.at, proposal.by, proposal.cid))
        return self.entries[-1]


class Ear(Door):
    """A door that remembers the news, and ends a visit when it is asked to."""

    def __init__(self, world: World) -> None:
        self.news: list[News] = []
        self.dismissed: list[Session] = []
        self._world = world

    def broadcast(self, news: News) -> None:
        self.news.append(news)

    def dismiss(self, session: Session) -> None:
        self.dismissed.append(session)
        self._world.chat.people.depart(session, self._world.at)

    def heard(self, room: Room) -> list[Event]:
        """Return what the room has heard since last time."""
        told = [entry.event for news in self.news for _, entry in news.rooms.get(room, [])]
        self.news.clear()
        return told


class Errand(Generic[T]):
    """Work that may have to wait for the log."""

    def __init__(self, work: Coroutine[object, None, T]) -> None:
        self._work = work
        self._result: T
        self.done = False
        self.refusal: ChatError | None = None
        self.go_on()

    def go_on(self) -> None:
        """Go on as far as can be."""
        if self.done:
            return
        try:
            self._work.send(None)
        except StopIteration as end:
            self._result, self.done = end.value, True
        except ChatError as error:
            self.refusal, self.done = error, True

    def result(self) -> T:
        """Return what came of it, or raise its refusal."""
        assert self.done
        if self.refusal is not None:
            raise self.refusal
        return self._result


class World:
    """A chat that has been started, at noon."""

    def __init__(self, guests: str = "talk", remembered: Remembered | None = None) -> None:
        self.at = NOON
        self.log = MemoryLog(remembered or Remembered("e1", (), ()))
        self.ear = Ear(self)
        self._ids = 0
        self._steps: list[Callable[[], None]] = []
        self.chat = Chat(self.log, Roles(guests), lobby="#lobby", text_most=400, new_id=self._new_id)
        self.chat.doors.append(self.ear)
        self.chat.start(self.at)
        self.settle()

    @property
    def lobby(self) -> Room:
        return self.chat.lobby

    def begin(self, work: Coroutine[object, None, T]) -> Errand[T]:
        """Begin some work that will go on when the log has committed."""
        errand = Errand(work)
        self._steps.append(errand.go_on)
        return errand

    def settle(self) -> None:
        """Commit until nothing waits any more."""
        while self.log.waiting:
            self.log.commit()
            for step in self._steps:
                step()

    def do(self, work: Coroutine[object, None, T]) -> T:
        """Do some work to its end, and return what came of it."""
        errand = self.begin(work)
        self.settle()
        return errand.result()

    def enter(self, nick: str, guest: str = "", *, returns: bool = False) -> Session:
        """Return somebody who has come into the lobby as `nick`."""
        session = self.chat.people.visitor(guest, returns=returns)
        self.do(self.chat.people.arrive(session, nick, self.at))
        self.do(self.chat.join(session, self.lobby, self.at))
        self.ear.news.clear()
        return session

    def leave(self, session: Session, why: str = "") -> None:
        """End somebody's visit."""
        self.chat.people.depart(session, self.at, why)
        self.settle()

    def heard(self) -> list[Event]:
        """Return what the lobby has heard since last time."""
        self.settle()
        return self.ear.heard(self.lobby)

    def _new_id(self) -> str:
        self._ids += 1
        return f"id{self._ids}"
