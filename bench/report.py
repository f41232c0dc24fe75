"""The run as tables for people and as JSON for programs."""

import json
import os
import platform
import time
from pathlib import Path

from bench.runner import Results
from bench.scenarios import (
    ACKS,
    ACKS_HEARD,
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
from bench.statistics import aligned, short, spread
from bench.targets import judge

Column = tuple[str, str, str]
"""Head, scenario, figure."""

TABLES: list[tuple[str, list[Column]]] = [
    (
        "Deliveries per second of server CPU (clients/senders/outstanding)",
        [(name, name, "rate") for name in CLOSED],
    ),
    (
        "By the clock: 200 messages a second",
        [
            ("to 100: us CPU/delivery", OPEN, "us"),
            ("p50 ms", OPEN, "p50_ms"),
            ("p99 ms", OPEN, "p99_ms"),
            ("to 1000: us CPU/delivery", OPEN_WIDE, "us"),
            ("core", OPEN_WIDE, "core"),
            ("p99 ms", OPEN_WIDE, "p99_ms"),
        ],
    ),
    (
        "Joins, slow readers, the log, memory",
        [
            ("1000 joins: s CPU", JOINS, "join_cpu_s"),
            ("all read: p99 ms", STEADY, "p99_ms"),
            ("5 do not: p99 ms", SLOW, "p99_ms"),
            ("let go", SLOW, "ejected"),
            ("durable/s", DURABLE, "messages_per_s"),
            ("kB each, greeted", GREETED, "kb_each"),
            ("kB each, in the room", IDLE, "kb_each"),
        ],
    ),
    (
        "One sender, nobody listening",
        [("us CPU/message", MESSAGE, "us_message"), ("messages/s", MESSAGE, "messages_per_s")],
    ),
    (
        "One program, 100 messages that wait for their acks",
        [
            ("acks/s", ACKS, "acks_per_s"),
            ("acks/s of CPU", ACKS, "ack_rate"),
            ("p99 ms", ACKS, "p99_ms"),
            ("1 reader: acks/s", ACKS_HEARD, "acks_per_s"),
            ("acks/s of CPU", ACKS_HEARD, "ack_rate"),
            ("p99 ms", ACKS_HEARD, "p99_ms"),
        ],
    ),
]


def table(results: Results, columns: list[Column]) -> str:
    """The medians, a server a row; empty if nothing of it was run."""
    rows = []
    for server in results.servers:
        cells = [results.median(scenario, server, figure) for _, scenario, figure in columns]
        if any(cell is not None for cell in cells):
            rows.append([server, *map(short, cells)])
    return aligned([["server", *(head for head, _, _ in columns)], *rows]) if rows else ""


def targets(results: Results) -> str:
    """Each target beside what was measured; empty if the run tells nothing about any."""
    rows = []
    for verdict in judge(results):
        target = verdict.target
        sign = ">=" if target.at_least else "<="
        rows.append(
            [
                f"{target.scenario}: {target.words}",
                verdict.server,
                f"{sign} {short(target.limit)}",
                short(verdict.value),
                "yes" if verdict.met else "NO",
            ]
        )
    return aligned([["target", "of", "limit", "measured", "met"], *rows]) if rows else ""


def tables(results: Results) -> str:
    """Everything, with headings."""
    parts = [(title, table(results, columns)) for title, columns in TABLES]
    parts.append(("Targets", targets(results)))
    return "\n\n".join(f"{title}\n\n{body}" for title, body in parts if body)


def machine() -> dict[str, str | int | None]:
    """Where this was measured, as far as it matters."""
    model = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if line.startswith("model name")
    ]
    return {
        "cpu": model[0] if model else platform.machine(),
        "cores": os.cpu_count(),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }


def as_json(results: Results) -> str:
    """Each run with its figures, the medians with their spread, and the targets."""
    medians = []
    for scenario, server in dict.fromkeys((run.scenario, run.server) for run in results.runs):
        figures = {
            name: {"median": results.median(scenario, server, name), "spread": spread(values)}
            for name in _figure_names(results, scenario, server)
            if (values := results.values(scenario, server, name))
        }
        medians.append({"scenario": scenario, "server": server, "figures": figures})
    verdicts = [
        {
            "scenario": verdict.target.scenario,
            "words": verdict.target.words,
            "server": verdict.server,
            "limit": verdict.target.limit,
            "at_least": verdict.target.at_least,
            "value": verdict.value,
            "met": verdict.met,
        }
        for verdict in judge(results)
    ]
    runs = [{"scenario": run.scenario, "server": run.server, "points": run.points} for run in results.runs]
    whole = {
        "machine": machine(),
        "medians": medians,
        "targets": verdicts,
        "failures": results.failures,
        "runs": runs,
    }
    return json.dumps(whole, indent=1) + "\n"


def _figure_names(results: Results, scenario: str, server: str) -> list[str]:
    names: dict[str, None] = {}
    for run in results.runs:
        if (run.scenario, run.server) == (scenario, server):
            names |= dict.fromkeys(run.points[-1])
    return list(names)
