"""The chat between a log that is only lists and a door that remembers what it was told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from tests.chat.memory import MemoryLog, OpenPasswords
from tests.helpers import NOON
from twistedchat.chat.chat import Chat
from twistedchat.chat.claim import claim_hash
from twistedchat.chat.door import Door
from twistedchat.chat.errors import ChatError
from twistedchat.chat.log import Remembered

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from twistedchat.chat.door import News
    from twistedchat.chat.events import Event
    from twistedchat.chat.prefs import Prefs
    from twistedchat.chat.reread import Rereading
    from twistedchat.chat.room import Room
    from twistedchat.chat.session import Session

T = TypeVar("T")


class Ear(Door):
    """A door that remembers the news, and ends a visit when it is asked to."""

    def __init__(self, world: World) -> None:
        self.news: list[News] = []
        self.dismissed: list[Session] = []
        self.goodbyes: list[tuple[str, str]] = []
        self.preferred: list[tuple[Session, Prefs]] = []
        self._world = world

    def broadcast(self, news: News) -> None:
        self.news.append(news)

    def prefer(self, session: Session, prefs: Prefs) -> None:
        self.preferred.append((session, prefs))

    def dismiss(self, session: Session, code: str, text: str) -> None:
        self.dismissed.append(session)
        self.goodbyes.append((code, text))
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

    def __init__(
        self,
        guests: str = "talk",
        remembered: Remembered | None = None,
        *,
        register: bool = True,
        reread: Rereading | None = None,
    ) -> None:
        self.at = NOON
        self.log = MemoryLog(remembered or Remembered("e1", (), ()))
        self.ear = Ear(self)
        self._ids = 0
        self._steps: list[Callable[[], None]] = []
        self.passwords = OpenPasswords()
        self.chat = Chat(
            self.log,
            self.passwords,
            lobby="#lobby",
            text_most=400,
            new_id=self._new_id,
            guests=guests,
            register=register,
            reread=reread,
        )
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

    def come(self, nick: str, person: str = "", *, secret: str = "", address: str = "") -> Session:
        """Return somebody who has come as `nick`, and is in no room."""
        session = self.chat.people.visitor(person, secret_hash=secret, address=address)
        self.do(self.chat.people.arrive(session, nick, self.at))
        return session

    def enter(self, nick: str, person: str = "", *, secret: str = "", address: str = "") -> Session:
        """Return somebody who has come into the lobby as `nick`."""
        session = self.come(nick, person, secret=secret, address=address)
        self.do(self.chat.join(session, self.lobby, self.at))
        self.ear.news.clear()
        return session

    def member(self, nick: str, *, address: str = "", secret: str = "") -> Session:
        """Return somebody who has come into the lobby, and has an account now."""
        session = self.enter(nick, address=address, secret=secret)
        self.do(self.chat.accounts.register(session, f"{nick}-secret", self.at))
        self.ear.news.clear()
        return session

    def again(self, nick: str, *, address: str = "", secret: str = "") -> Session:
        """Return the owner of that account, come in by another connection."""
        owner = self.chat.people.named(nick).id
        return self.enter(nick, owner, address=address, secret=secret)

    def admin(self, nick: str) -> Session:
        """Return a member who is admin of the server."""
        session = self.member(nick)
        self.do(self.chat.accounts.claim(session, claim_hash("a code"), self.at))
        return session

    def room(self, owner: Session, name: str, *others: Session) -> Room:
        """Return a room that `owner` has made, and the others have come into."""
        room = self.do(self.chat.enter(owner, name, self.at))
        for session in others:
            self.do(self.chat.enter(session, name, self.at))
        self.ear.news.clear()
        return room

    def leave(self, session: Session, why: str = "") -> None:
        """End somebody's visit."""
        self.chat.people.depart(session, self.at, why)
        self.settle()

    def names(self) -> dict[str, str]:
        """Return whose the names of people are in the log."""
        return {claim: owner for claim, owner in self.log.claims.items() if claim.startswith("nick:")}

    def heard(self) -> list[Event]:
        """Return what the lobby has heard since last time."""
        self.settle()
        return self.ear.heard(self.lobby)

    def _new_id(self) -> str:
        self._ids += 1
        return f"id{self._ids}"
