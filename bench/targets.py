"""What tcpchat must reach, as ratios within one run, so that the machine hardly matters."""

from dataclasses import dataclass

from bench.runner import Results
from bench.scenarios import (
    ACKS,
    ACKS_HEARD,
    BUDGET_US,
    CLOSED,
    DURABLE,
    GREETED,
    IDLE,
    JOINS,
    MESSAGE,
    OPEN,
    OPEN_WIDE,
    SLOW,
    STEADY,
)
from bench.servers import BOUND, INSPIRCD, JSON, NGIRCD, RELAXED, TEXT


@dataclass(frozen=True)
class Target:
    """One figure of one scenario, alone or against another server's or another scenario's."""

    words: str
    scenario: str
    figure: str
    limit: float
    at_least: bool = False
    server: str | None = None
    """Instead of tcpchat in both dialects."""
    against: str | None = None
    baseline: str | None = None
    """A scenario of the same server: the ratio to it is meant."""
    more: bool = False
    """The difference to the baseline is meant instead."""

    def measured(self, results: Results, server: str) -> float | None:
        """What is to be compared with the limit; None if something of it was not run."""
        value = results.median(self.scenario, server, self.figure)
        if self.against is None and self.baseline is None:
            return value
        other = results.median(self.baseline or self.scenario, self.against or server, self.figure)
        if value is None or not other:
            return None
        return value - other if self.more else value / other

    def met(self, value: float) -> bool:
        """Whether such a value is good enough."""
        return value >= self.limit if self.at_least else value <= self.limit


def _beside(scenario: str, peer: str, peer_limit: float, bound_limit: float) -> list[Target]:
    return [
        Target(f"x {who}", scenario, "rate", limit, at_least=True, against=who)
        for who, limit in ((peer, peer_limit), (BOUND, bound_limit))
    ]


TARGETS = [
    *_beside(CLOSED[0], INSPIRCD, 1.0, 0.6),
    *_beside(CLOSED[1], INSPIRCD, 1.7, 0.75),
    *_beside(CLOSED[2], NGIRCD, 4.5, 0.85),
    *_beside(CLOSED[3], NGIRCD, 4.5, 0.5),
    Target("x C bound, CPU per delivery", OPEN, "us", 1.8, against=BOUND),
    Target("x C bound, CPU per delivery", OPEN, "us", 1.4, against=BOUND, server=RELAXED),
    Target("p99, ms", OPEN, "p99_ms", 3.0),
    Target("of a core", OPEN_WIDE, "core", 0.6),
    Target("s of CPU", JOINS, "join_cpu_s", 0.15),
    Target("x p99 of those who read", SLOW, "p99_ms", 2.0, baseline=STEADY),
    Target("MB more", SLOW, "peak_mb", 20.0, baseline=STEADY, more=True),
    Target("messages a second", DURABLE, "messages_per_s", 20_000, at_least=True),
    Target("kB each", GREETED, "kb_each", 4.0, server=TEXT),
    Target("kB each", IDLE, "kb_each", 4.0),
    Target("us of CPU a message", MESSAGE, "us_message", BUDGET_US),
    Target("acks a second", ACKS, "acks_per_s", 10_000, at_least=True),
    Target("acks a second", ACKS_HEARD, "acks_per_s", 10_000, at_least=True),
]


@dataclass(frozen=True)
class Verdict:
    """A target beside what was measured."""

    target: Target
    server: str
    value: float

    @property
    def met(self) -> bool:
        """Whether it is reached."""
        return self.target.met(self.value)


def judge(results: Results) -> list[Verdict]:
    """Every target that this run can tell something about."""
    verdicts = []
    for target in TARGETS:
        for server in (target.server,) if target.server else (TEXT, JSON):
            value = target.measured(results, server)
            if value is not None:
                verdicts.append(Verdict(target, server, value))
    return verdicts
