"""What it costs to find out whether somebody may say something now."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from timeit import Timer
from typing import TypeVar

from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.task import Clock

from bench.statistics import aligned, middle
from twistedchat.chat.accounts import Account
from twistedchat.chat.chat import Chat
from twistedchat.chat.rate import Bucket
from twistedchat.chat.roles import Role
from twistedchat.chat.room import Room
from twistedchat.chat.sanctions import Sanction
from twistedchat.chat.session import Person, Session
from twistedchat.chat.settings import RoomSettings
from twistedchat.store.files import DATABASE, prepare
from twistedchat.store.sqlite import SqliteLog

T = TypeVar("T")

CALLS, RUNS = 20_000, 15
LIMIT_US = 2.0
"""For all that is asked before one plain message is taken: permission, mutes, slow mode, rate."""
MUTES, BANS = 20, 50
NOW, YEAR = 1_700_000_000_000, 365 * 86_400_000
BURST, A_SECOND = 10, 2.0

TALK, RATE = "check_talk(session, room, at)", "take(seconds())"


@dataclass(frozen=True)
class Case:
    """Somebody somewhere, and what is asked about them; `limit_us` is None for a part of something."""

    name: str
    statement: str
    session: Session
    room: Room
    limit_us: float | None = None


@dataclass(frozen=True)
class Cost:
    """What one of them took, in microseconds of CPU a message; the least is the least disturbed."""

    name: str
    min_us: float
    median_us: float
    limit_us: float | None

    @property
    def met(self) -> bool | None:
        """Whether the median is within the limit."""
        return None if self.limit_us is None else self.median_us < self.limit_us


class AtOnce:
    """The store's workers, without threads."""

    def write(self, job: Callable[[], T], done: Callable[[T], None]) -> None:
        """Do it, and say so."""
        done(job())

    def read(self, job: Callable[[], T]) -> Deferred[T]:
        """Do it."""
        return maybeDeferred(job)

    def stop(self) -> None:
        """Have nothing to end."""


class NoPasswords:
    """Nobody has any."""

    async def hash(self, password: str) -> str:
        """Return what nothing matches."""
        del password
        return ""

    async def verify(self, hashed: str, password: str) -> bool:
        """Match nothing."""
        del hashed, password
        return False


def make_chat(folder: Path) -> Chat:
    """Return a chat that has its lobby, on a log in the folder; nothing in it goes on by itself."""
    prepare(folder / DATABASE, "bench")
    clock = Clock()
    log = SqliteLog(folder / DATABASE, durability="process", clock=clock, workers=AtOnce(), on_broken=lambda: None)
    ids = iter(range(1 << 62))
    chat = Chat(log, NoPasswords(), lobby="#lobby", text_most=4000, new_id=lambda: f"id{next(ids)}")
    chat.start(NOW)
    clock.advance(0)
    return chat


def muted(number: int) -> Sanction:
    """Return what keeps a guest silent who was muted by name: them, and guests from where they are."""
    masks = f"muted{number}", f"~203.0.113.{number}/32"
    return Sanction(f"Muted{number}", masks, "Ann", NOW - 1000, until=NOW + YEAR)


def strict_room(chat: Chat, name: str, settings: RoomSettings) -> Room:
    """Return a room with so many mutes and bans."""
    room = Room(name, name)
    room.settings = settings
    for number in range(MUTES):
        room.mutes.add(muted(number))
    for number in range(BANS):
        room.bans.add(Sanction(f"Banned{number}", (f"banned{number}", f"~192.0.2.{number}/32"), "Ann", NOW))
    chat.rooms.add(room)
    return room


def come(person: Person, room: Room, address: str) -> Session:
    """Return a session of that person, from elsewhere, that is in the room."""
    session = Session(f"{person.id} in {room.name}", person, address=address)
    session.rooms = room.alone
    session.active = room
    room.members[session.id] = session
    person.sessions += (session,)
    return session


def cases(chat: Chat) -> list[Case]:
    """Return who is looked at: everybody's case, the dearest one that was thought of, and the parts of them."""
    strict = strict_room(chat, "#strict", RoomSettings(talk="voice", slow=30))
    muting = strict_room(chat, "#muting", RoomSettings())
    account = Account("account", "Member", NOW - YEAR)
    member = come(Person("account", account), strict, "198.51.100.8")
    strict.roles["account"] = Role.VOICE
    rows = [
        ("guest in the lobby", come(Person("guest"), chat.lobby, "198.51.100.7"), chat.lobby),
        ("member with voice: 20 mutes, slow, voiced, 50 bans", member, strict),
        ("guest: 20 mutes", come(Person("other"), muting, "198.51.100.9"), muting),
    ]
    parts = [Case(f"{name}; without the rate", TALK, session, room) for name, session, room in rows]
    rate = Case("the rate alone", RATE, member, strict)
    whole = [Case(name, f"{RATE}; {TALK}", session, room, LIMIT_US) for name, session, room in rows]
    return [*whole, *parts, rate]


def measure(case: Case, check_talk: Callable[[Session, Room, int], None], calls: int, runs: int) -> Cost:
    """Ask it so many times in each run."""
    names = {
        "check_talk": check_talk,
        "session": case.session,
        "room": case.room,
        "at": NOW,
        "take": Bucket(BURST, A_SECOND, time.monotonic()).take,
        "seconds": time.monotonic,
    }
    timer = Timer(case.statement, timer=time.thread_time, globals=names)
    each = [whole / calls * 1e6 for whole in timer.repeat(runs, calls)]
    return Cost(case.name, min(each), middle(each) or 0.0, case.limit_us)


def run(folder: Path, calls: int = CALLS, runs: int = RUNS) -> list[Cost]:
    """Measure all of them."""
    chat = make_chat(folder)
    costs = [measure(case, chat.access.check_talk, calls, runs) for case in cases(chat)]
    chat.log.stop()
    return costs


def table(costs: Sequence[Cost]) -> str:
    """Return them, a case a row."""
    rows = [["us of CPU a message", "min", "median", "limit", "met"]]
    for cost in costs:
        limit = "" if cost.limit_us is None else f"< {cost.limit_us:.2f}"
        met = {None: "", True: "yes", False: "NO"}[cost.met]
        rows.append([cost.name, f"{cost.min_us:.2f}", f"{cost.median_us:.2f}", limit, met])
    return f"May they say it: permission, mutes, slow mode and rate\n\n{aligned(rows)}"
