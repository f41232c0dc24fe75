"""The load generator's driver: what it is asked to do, and what it reports.

It prints a line of JSON when all connections are in, after each step, and at the
end, when it also says whether each message has come to each connection, whole,
once, and in the one order.
"""

import subprocess
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from bench.cores import on_core
from bench.errors import BenchError
from bench.servers import Server


class Ready(msgspec.Struct, tag_field="at", tag="ready", frozen=True):
    """All connections are in and it is quiet; what that has cost."""

    wall_s: float
    cpu_s: float


class Step(msgspec.Struct, tag_field="at", tag="step", frozen=True):
    """One step of the load; CPU is the server's, all its threads and processes."""

    kind: str
    amount: float
    wall_s: float
    cpu_s: float
    generator_cpu_s: float
    deliveries: int
    messages: int
    bytes: int
    p50_ms: float
    p99_ms: float
    max_ms: float
    followed: bool
    """False if the server fell so far behind an open loop that the step was ended."""
    acks: int = 0


class Hold(msgspec.Struct, tag_field="at", tag="hold", frozen=True):
    """It waits, connected, until its input ends."""


class End(msgspec.Struct, tag_field="at", tag="end", frozen=True):
    """What came of all that was sent."""

    messages: int
    deliveries: int
    missing: int
    lost: int
    doubled: int
    damaged: int
    disorder: int
    refused: int
    closed: int
    ejected: int
    """Connections that never read, and that the server has let go."""
    unacked: int = 0
    misacked: int = 0
    """Acknowledgements of something else than the sender's next message, or with no greater seq than before."""


Report = Ready | Step | Hold | End

PATIENCE = 20  # seconds without any progress
FAULTS = ("missing", "lost", "doubled", "damaged", "unacked", "misacked", "refused", "closed")


@dataclass(frozen=True)
class Load:
    """What the generator does; steps are written as in load.c."""

    clients: int
    steps: tuple[str, ...]
    senders: int = 1
    stalled: int = 0
    own: bool = False
    acks: bool = False
    """A message is on its way until it is acknowledged; that time is measured (JSON)."""
    together: int | None = None
    dialect: str | None = None
    """Instead of the server's own."""


@dataclass(frozen=True)
class Outcome:
    """A run whose deliveries were all checked."""

    ready: Ready
    steps: list[Step]
    end: End


def parse(lines: Iterable[bytes | str]) -> Iterable[Report]:
    """The reports, as they come."""
    decoder = msgspec.json.Decoder(Report)
    for line in lines:
        yield decoder.decode(line)


def verify(end: End, *, ordered: bool) -> None:
    """Raise if anything was lost, doubled, damaged or refused, or two saw two orders."""
    faults = [*FAULTS, "disorder"] if ordered else FAULTS
    found = {fault: count for fault in faults if (count := getattr(end, fault))}
    if found:
        words = ", ".join(f"{fault} {count}" for fault, count in found.items())
        raise BenchError(f"of {end.messages} messages: {words}")


def arguments(load: Load, server: Server, port: int, pids: Sequence[int]) -> list[str]:
    """The generator's command line, without its own name."""
    return [
        f"port={port}",
        f"dialect={load.dialect or server.dialect}",
        f"echo={int(server.echo)}",
        f"own={int(load.own)}",
        f"acks={int(load.acks)}",
        f"clients={load.clients}",
        f"senders={load.senders}",
        f"stalled={load.stalled}",
        f"together={load.together or server.together}",
        f"patience={PATIENCE}",
        f"pids={','.join(map(str, pids))}",
        *(f"step={step}" for step in load.steps),
    ]


class Generator:
    """The compiled program, and the core that it has for itself."""

    def __init__(self, program: Path, core: int | None) -> None:
        self.program = program
        self.core = core

    def run(self, words: Sequence[str], *, on_hold: Callable[[], None]) -> Outcome:
        """Make the load, calling `on_hold` at each step that holds; raise if it cannot be made."""
        ready: Ready | None = None
        end: End | None = None
        steps: list[Step] = []
        with (
            on_core(self.core),
            subprocess.Popen(
                [str(self.program), *words],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            ) as process,
        ):
            try:
                assert process.stdin is not None
                assert process.stdout is not None
                assert process.stderr is not None
                for report in parse(process.stdout):
                    match report:
                        case Ready():
                            ready = report
                        case Step():
                            steps.append(report)
                        case Hold():
                            on_hold()
                            process.stdin.close()
                        case End():
                            end = report
                complaint = process.stderr.read().decode().strip()
            finally:
                process.kill()
        if ready is None or end is None:
            raise BenchError(complaint or "the generator ended without a word")
        if end.refused:
            raise BenchError(complaint)
        return Outcome(ready, steps, end)
