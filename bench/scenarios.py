"""What is measured: the loads, and who bears them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from bench.generator import Load
from bench.servers import BOUND, INSPIRCD, JSON, NAIVE, NGIRCD, RELAXED, TEXT, THREADS, Server

OURS = (TEXT, JSON)
OTHERS = (BOUND, INSPIRCD, NGIRCD)
CLOSED = ("100/10/1", "100/10/32", "1000/10/8", "1000/100/4")
OPEN, OPEN_WIDE = "200/s to 100", "200/s to 1000"
JOINS, IDLE, GREETED = "1000 joins", "idle", "idle, greeted"
STEADY, SLOW = "100 read", "5 of 100 never read"
DURABLE, MESSAGE = "durable", "message"
ACKS, ACKS_HEARD = "acks", "acks, 1 reader"
CURVE_FEW, CURVE_MANY = "curve 100", "curve 1000"

WARM = 0.3  # seconds whose figures are thrown away
PIPELINED = 100  # messages of one program that wait for their acks
BUDGET_US = 12.0  # of CPU for each message, for all that is not a send


@dataclass(frozen=True)
class Scenario:
    """A load, who bears it, and what it is called on the command line."""

    name: str
    load: Load
    servers: tuple[str, ...]
    warm: int = 1
    """How many steps come before those that count."""
    repeats: int | None = None
    """At most so many, however many are asked for."""
    counted: bool = False
    """Nobody listens, so the server itself is asked how many it has kept."""
    usual: bool = True
    """Part of a run that names no scenario."""

    def meant_for(self, server: Server) -> bool:
        """Whether it bears this; a server from the command line bears what the C bound does."""
        return server.name in self.servers or (server.extra and BOUND in self.servers)


def closed(name: str, seconds: float, servers: tuple[str, ...]) -> Scenario:
    """Clients/senders/outstanding: each sender keeps so many messages on their way."""
    clients, senders, outstanding = map(int, name.split("/"))
    steps = (f"closed:{outstanding}:{WARM}", f"closed:{outstanding}:{seconds}")
    return Scenario(name, Load(clients, steps, senders=senders), servers)


def opened(name: str, load: Load, rate: float, seconds: float, servers: tuple[str, ...]) -> Scenario:
    """So many messages a second by the clock, whatever the server does."""
    steps = (f"open:{rate}:{WARM}", f"open:{rate}:{seconds}")
    return Scenario(name, replace(load, steps=steps, senders=10), servers)


def curve(name: str, clients: int, rates: Iterable[int], seconds: float) -> Scenario:
    """The same connections under more and more load; each rate counts."""
    steps = (f"open:{min(rates)}:{WARM}", *(f"open:{rate}:{seconds}" for rate in rates))
    servers = (TEXT, JSON, *OTHERS)
    return Scenario(name, Load(clients, steps, senders=10), servers, repeats=1, usual=False)


def idle(name: str, clients: int, servers: tuple[str, ...], dialect: str | None = None) -> Scenario:
    """Connections that say nothing; in the room, or greeted only."""
    return Scenario(name, Load(clients, ("hold",), dialect=dialect), servers, warm=0, repeats=1)


def message(name: str, count: int) -> list[Scenario]:
    """One sender and nobody who listens: text all at once, JSON with its acknowledgements."""
    return [
        Scenario(name, Load(1, (f"blast:{count}",)), (TEXT, RELAXED), warm=0, repeats=1, counted=True),
        Scenario(name, Load(1, (f"closed:256:{WARM}", "closed:256:2")), (JSON,), repeats=1, counted=True),
    ]


def acks(name: str, clients: int, seconds: float) -> Scenario:
    """One sender with 100 messages that are not acknowledged yet; what else there is of clients only reads."""
    steps = (f"closed:{PIPELINED}:{WARM}", f"closed:{PIPELINED}:{seconds}")
    return Scenario(name, Load(clients, steps, acks=True), (JSON,), counted=True)


def all_scenarios(seconds: float, connections: int) -> list[Scenario]:
    """Every one, in the order in which they are run and shown."""
    few, many = Load(100, ()), Load(1000, ())
    everybody = (*OURS, *OTHERS, NAIVE)
    durable = Load(100, (f"closed:1:{WARM}", f"closed:1:{2 * seconds}"), senders=100, own=True)
    return [
        closed(CLOSED[0], seconds, (*everybody, THREADS)),
        closed(CLOSED[1], seconds, everybody),
        *(replace(closed(name, seconds, (*OURS, *OTHERS)), repeats=2) for name in CLOSED[2:]),
        opened(OPEN, few, 200, 2 * seconds, (*OURS, RELAXED, *OTHERS, NAIVE)),
        replace(opened(OPEN_WIDE, many, 200, 2 * seconds, (*OURS, BOUND)), repeats=1),
        Scenario(JOINS, Load(1000, (), together=1000), (*OURS, INSPIRCD), warm=0),
        replace(opened(STEADY, few, 2000, 4, OURS), repeats=1),
        replace(opened(SLOW, replace(few, stalled=5), 2000, 4, OURS), repeats=1),
        Scenario(DURABLE, durable, (JSON,)),
        idle(GREETED, connections, (TEXT,), "silent"),
        idle(IDLE, connections, OURS),
        *message(MESSAGE, 60_000),
        acks(ACKS, 1, 2),
        acks(ACKS_HEARD, 2, 2),
        curve(CURVE_FEW, 100, (10, 30, 100, 300, 1000, 3000, 10_000), seconds),
        curve(CURVE_MANY, 1000, (10, 30, 100, 300, 1000), seconds),
    ]
