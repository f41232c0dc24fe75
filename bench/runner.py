"""Runs the scenarios: each by all of its servers in turn, and all that again."""

import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from bench.errors import BenchError
from bench.generator import Generator, Outcome, Step, arguments, verify
from bench.head import head_of
from bench.running import Running, running
from bench.scenarios import Scenario
from bench.servers import Server
from bench.statistics import middle

Figures = dict[str, float]
"""What one step of one run has shown, by name; units stand in bench/README.md."""

DISTURBED = 0.1  # of the server's core: batches grow while it waits for its turn
OVERLOADED = 0.97  # of its core: the generator may have held the server up


@dataclass(frozen=True)
class Run:
    """One scenario borne once by one server."""

    scenario: str
    server: str
    points: list[Figures]
    """One for each step that counts."""


@dataclass
class Results:
    """All runs so far."""

    runs: list[Run] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    """Scenario, server, and what was wrong."""

    def values(self, scenario: str, server: str, figure: str) -> list[float]:
        """What each repeat's last step has shown."""
        return [
            run.points[-1][figure]
            for run in self.runs
            if (run.scenario, run.server) == (scenario, server) and figure in run.points[-1]
        ]

    def median(self, scenario: str, server: str, figure: str) -> float | None:
        """The middle of the repeats; None if it was not measured."""
        return middle(self.values(scenario, server, figure))

    def curve(self, scenario: str, server: str, figure: str) -> list[tuple[float, float]]:
        """Load and figure, step by step."""
        runs = [run for run in self.runs if (run.scenario, run.server) == (scenario, server)]
        return [(point["load"], point[figure]) for run in runs[:1] for point in run.points if figure in point]

    @property
    def servers(self) -> list[str]:
        """Who has borne anything, in the order of their first run."""
        return list(dict.fromkeys(run.server for run in self.runs))


def figures_of(step: Step) -> Figures:
    """What a step shows, without what it does not have."""
    figures = {"load": step.amount, "cpu_s": step.cpu_s, "messages": step.messages}
    figures["core"] = step.cpu_s / step.wall_s
    figures["generator_core"] = step.generator_cpu_s / step.wall_s
    if step.deliveries:
        figures["deliveries"] = step.deliveries
        figures["rate"] = step.deliveries / step.cpu_s
        figures["us"] = step.cpu_s / step.deliveries * 1e6
        figures |= {"p50_ms": step.p50_ms, "p99_ms": step.p99_ms, "max_ms": step.max_ms}
    if step.messages:
        figures["us_message"] = step.cpu_s / step.messages * 1e6
        figures["messages_per_s"] = step.messages / step.wall_s
    if step.acks:
        figures |= {"acks_per_s": step.acks / step.wall_s, "ack_rate": step.acks / step.cpu_s}
    return figures


class Runner:
    """Has the generator, the cores and the folder that all runs share."""

    def __init__(self, generator: Generator, core: int | None, folder: Path, say: Callable[[str], None]) -> None:
        self.generator = generator
        self.core = core
        self.folder = folder
        self.say = say

    def run_all(self, scenarios: Iterable[Scenario], servers: list[Server], repeats: int) -> Results:
        """Every scenario, its servers one after the other, and the round as often as asked for."""
        results = Results()
        for scenario in scenarios:
            for repeat in range(min(scenario.repeats or repeats, repeats)):
                for server in filter(scenario.meant_for, servers):
                    self.say(f"{scenario.name}, {repeat + 1}: {server.name}")
                    try:
                        results.runs.append(self.run(scenario, server))
                    except BenchError as error:
                        self.say(f"FAILED: {error}")
                        results.failures.append(f"{scenario.name}: {error}")
        return results

    def run(self, scenario: Scenario, server: Server) -> Run:
        """One of them once, by a fresh server; raises if anything was lost or wrong."""
        with (
            tempfile.TemporaryDirectory(prefix="run-", dir=self.folder) as folder,
            running(server, Path(folder), self.core) as one,
        ):
            points = self._measure(scenario, one)
        return Run(scenario.name, server.name, points)

    def _measure(self, scenario: Scenario, one: Running) -> list[Figures]:
        load, server = scenario.load, one.server
        before, held = one.memory_kb(), [0]
        words = arguments(load, server, one.port, one.pids)
        with one.watched() as others:
            outcome = self.generator.run(words, on_hold=lambda: held.append(one.memory_kb()))
        verify(outcome.end, ordered=server.ordered)
        if scenario.counted and (kept := head_of("#lobby", one.port)) != outcome.end.messages:
            raise BenchError(f"of {outcome.end.messages} messages it has kept {kept}")
        points = [figures_of(step) for step in outcome.steps[scenario.warm :]] or [{}]
        points[-1] |= self._figures_of_all(outcome, one)
        if held[-1]:
            points[-1]["kb_each"] = (held[-1] - before) / load.clients
        points[-1]["others_core"] = others[0]
        if others[0] > DISTURBED:
            self.say(f"  (others had {others[0]:.0%} of the server's processor: do not trust this one)")
        if points[-1].get("generator_core", 0) > OVERLOADED:
            self.say(f"  (the generator was busy all the time while {server.name} was at it)")
        return points

    def _figures_of_all(self, outcome: Outcome, one: Running) -> Figures:
        return {
            "join_cpu_s": outcome.ready.cpu_s,
            "join_wall_s": outcome.ready.wall_s,
            "peak_mb": one.peak_kb() / 1024,
            "ejected": outcome.end.ejected,
        }
