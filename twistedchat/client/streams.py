"""A room as far as it has been read: what is old, what is next, what is missing."""

from dataclasses import dataclass, field
from enum import Enum, auto

from twisted.internet.defer import Deferred

from twistedchat.client import wire


class Turn(Enum):
    """What a numbered event is to a reader."""

    OLD = auto()
    NEXT = auto()
    LEAP = auto()
    """The next one there is, though not the next number."""
    TOO_FAR = auto()


@dataclass(frozen=True)
class Place:
    """How far a room was read: which room it was, if that is known, and the last ``seq``."""

    seq: int
    rid: str | None = None


@dataclass
class Stream:
    """One room.

    ``cursor`` is the last ``seq`` that was handled, None before the first; ``floor``
    is what had been seen already when the cursor had to be given up. ``parting`` is
    who waits for the word that we have left. ``key`` opens it. ``head`` was the last ``seq`` when
    we came in. While it is ``entered`` what comes first may be beyond the cursor: what is
    between is not there for us.
    """

    room: str
    key: str = ""
    rid: str | None = None
    cursor: int | None = None
    floor: int = 0
    head: int = 0
    seen: bool = False
    joined: bool = False
    live: bool = False
    catching_up: bool = False
    entered: bool = False
    waiting: list[Deferred[wire.Ok]] = field(default_factory=list)
    parting: Deferred[None] | None = None

    @property
    def placed(self) -> bool:
        """Whether there is a place that the server may not know any more."""
        return self.rid is not None or self.cursor is not None

    def take(self, seq: int) -> Turn:
        """Say what to do with an event, and move on if it is the next one."""
        leaps = self.cursor is not None and seq > self.cursor + 1
        if leaps and not self.entered:
            return Turn.TOO_FAR
        if self.cursor is not None and seq <= self.cursor:
            return Turn.OLD
        self.cursor, self.entered = seq, False
        if seq <= self.floor:
            return Turn.OLD
        return Turn.LEAP if leaps else Turn.NEXT

    def complete(self, seq: int) -> None:
        """Take note that everything up to ``seq`` has been replayed."""
        self.live = True
        self.catching_up = self.entered = False
        self.cursor = max(seq, self.cursor or 0)

    def join_request(self) -> wire.Request:
        """Ask for what is missing, or for the last few lines if all is new."""
        request: wire.Request = {"op": "join", "room": self.room}
        if self.cursor is not None:
            request["after"] = self.cursor
        if self.rid is not None:
            request["rid"] = self.rid
        return {**request, "key": self.key} if self.key else request

    def start_over(self, *, keep_floor: bool) -> None:
        """Forget the place; ``keep_floor``: what was seen is still numbered as it was."""
        self.floor = max(self.floor, self.cursor or 0) if keep_floor else 0
        self.cursor = None
        self.rid = None

    def disconnect(self) -> None:
        """Take note that nobody sends anything for now."""
        self.joined = self.live = self.catching_up = self.entered = False
