"""The command: python -m bench [SCENARIO ...]."""

import argparse
import json
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from bench import checks, past, resume
from bench.build import build
from bench.cores import on_core, pick_cores, raise_descriptors
from bench.corpus import past_in
from bench.errors import BenchError
from bench.generator import Generator
from bench.plot import draw
from bench.report import as_json, machine, tables
from bench.runner import Results, Runner
from bench.scenarios import CURVE_FEW, CURVE_MANY, Scenario, all_scenarios
from bench.servers import Server, another, known
from bench.talk import Stage

SECONDS = 0.7
SPARE = 64  # descriptors that a process needs for itself


def options() -> argparse.ArgumentParser:
    """What can be asked for."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("scenario", nargs="*", help="those whose name begins so; or checks, past, resume")
    parser.add_argument("--servers", metavar="NAME,...", help="only those whose name contains one of these")
    parser.add_argument("--also", action="append", default=[], metavar="NAME=DIALECT:COMMAND", help="one more server")
    parser.add_argument("--repeats", type=int, default=3, help="rounds; the medians are shown (3)")
    parser.add_argument("--seconds", type=float, help="length of a measured step (0.7; past, resume: 10)")
    parser.add_argument("--messages", type=int, default=past.MESSAGES, help="how long the past is (1000000)")
    parser.add_argument("--connections", type=int, default=5000, help="how many are idle (5000)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every run, the medians and the targets")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="run the curves, too, and draw them")
    parser.add_argument("--folder", type=Path, metavar="DIR", help="for the logs while it runs; the past stays there")
    return parser


def chosen_scenarios(words: argparse.Namespace) -> list[Scenario]:
    """Those that are named, or the usual ones; the curves if they are to be drawn."""
    scenarios = all_scenarios(words.seconds or SECONDS, words.connections)
    if words.scenario:
        return [each for each in scenarios if each.name.startswith(tuple(words.scenario))]
    curves = (CURVE_FEW, CURVE_MANY) if words.plot else ()
    return [each for each in scenarios if each.usual or each.name in curves]


def chosen_servers(words: argparse.Namespace, folder: Path) -> list[Server]:
    """Those that are installed and wanted, and those from the command line."""
    servers = known(folder)
    if words.servers:
        wanted = words.servers.lower().split(",")
        servers = [each for each in servers if any(want in each.name.lower() for want in wanted)]
    return servers + [another(more) for more in words.also]


def stopwatch() -> Callable[[str], None]:
    """What says on standard error how far the run is, and since when."""
    begin = time.monotonic()

    def say(line: str) -> None:
        print(f"{time.monotonic() - begin:6.1f} s  {line}", file=sys.stderr)

    return say


def run(words: argparse.Namespace, folder: Path) -> Results:
    """Run what is asked for; what it shows."""
    core, generator_core = pick_cores()
    servers, scenarios = chosen_servers(words, folder), chosen_scenarios(words)
    most = max((scenario.load.clients for scenario in scenarios), default=0)
    if raise_descriptors() < most + SPARE:
        raise BenchError(f"{most} connections need more open files: see ulimit -n")
    generator = Generator(build("load", folder), generator_core)
    runner = Runner(generator, core, folder, stopwatch())
    return runner.run_all(scenarios, servers, words.repeats)


def run_checks(words: argparse.Namespace, folder: Path) -> str:
    """What it costs to find out whether somebody may say something."""
    core, _ = pick_cores()
    with on_core(core):
        costs = checks.run(folder)
    if words.json:
        words.json.write_text(
            json.dumps({"machine": machine(), "checks": [asdict(cost) for cost in costs]}, indent=1)
        )
    return checks.table(costs)


def run_past(words: argparse.Namespace, folder: Path) -> str:
    """How long it takes to look through a long past; that is kept where `--folder` says."""
    core, generator_core = pick_cores()
    say = stopwatch()
    generator = Generator(build("load", folder), generator_core)
    database = past_in(words.folder or folder, words.messages, say)
    stage = Stage(generator, core, folder, say)
    found = past.run(stage, database, words.messages, words.seconds or past.SECONDS, words.repeats)
    if words.json:
        words.json.write_text(json.dumps({"machine": machine(), "past": past.figures(found)}, indent=1))
    return past.tables(found)


def run_resume(words: argparse.Namespace, folder: Path) -> str:
    """How long it takes to hear all that one has missed."""
    core, generator_core = pick_cores()
    stage = Stage(Generator(build("load", folder), generator_core), core, folder, stopwatch())
    with on_core(generator_core):
        found = resume.run(stage, resume.MISSED, words.seconds or resume.SECONDS, words.repeats)
    if words.json:
        words.json.write_text(json.dumps({"machine": machine(), "resume": resume.figures(found)}, indent=1))
    return resume.tables(found)


ALONE = {"checks": run_checks, "past": run_past, "resume": run_resume}
"""What is no scenario: it is measured by itself, and only if it is asked for."""


def run_scenarios(words: argparse.Namespace, folder: Path) -> list[str]:
    """Run those that are asked for, show them, and write them; what was wrong with any server."""
    results = run(words, folder)
    print(tables(results))
    if words.json:
        words.json.write_text(as_json(results))
    if words.plot:
        draw(results, words.plot)
    return results.failures


def main() -> int:
    """Run, show, write; 1 if a server was wrong, 0 whether or not the targets are met."""
    words = options().parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    failures: list[str] = []
    try:
        with tempfile.TemporaryDirectory(prefix="bench-", dir=words.folder) as folder:
            if words.scenario and words.scenario[0] in ALONE:
                print(ALONE[words.scenario[0]](words, Path(folder)))
            else:
                failures = run_scenarios(words, Path(folder))
    except BenchError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    for failure in failures:
        print(f"WRONG, and not in the figures: {failure.splitlines()[0]}", file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
