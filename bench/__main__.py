"""The command: python -m bench [SCENARIO ...]."""

import argparse
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bench.build import build
from bench.cores import pick_cores, raise_descriptors
from bench.errors import BenchError
from bench.generator import Generator
from bench.plot import draw
from bench.report import as_json, tables
from bench.runner import Results, Runner
from bench.scenarios import CURVE_FEW, CURVE_MANY, Scenario, all_scenarios
from bench.servers import Server, another, known

SPARE = 64  # descriptors that a process needs for itself


def options() -> argparse.ArgumentParser:
    """What can be asked for."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("scenario", nargs="*", help="those whose name begins so")
    parser.add_argument("--servers", metavar="NAME,...", help="only those whose name contains one of these")
    parser.add_argument("--also", action="append", default=[], metavar="NAME=DIALECT:COMMAND", help="one more server")
    parser.add_argument("--repeats", type=int, default=3, help="rounds; the medians are shown (3)")
    parser.add_argument("--seconds", type=float, default=0.7, help="length of a measured step (0.7)")
    parser.add_argument("--connections", type=int, default=5000, help="how many are idle (5000)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every run, the medians and the targets")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="run the curves, too, and draw them")
    parser.add_argument("--folder", type=Path, metavar="DIR", help="where the logs are written while it runs")
    return parser


def chosen_scenarios(words: argparse.Namespace) -> list[Scenario]:
    """Those that are named, or the usual ones; the curves if they are to be drawn."""
    scenarios = all_scenarios(words.seconds, words.connections)
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


def main() -> int:
    """Run, show, write; 1 if a server was wrong, 0 whether or not the targets are met."""
    words = options().parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    try:
        with tempfile.TemporaryDirectory(prefix="bench-", dir=words.folder) as folder:
            results = run(words, Path(folder))
        print(tables(results))
        if words.json:
            words.json.write_text(as_json(results))
        if words.plot:
            draw(results, words.plot)
    except BenchError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    for failure in results.failures:
        print(f"WRONG, and not in the figures: {failure.splitlines()[0]}", file=sys.stderr)
    return 1 if results.failures else 0


if __name__ == "__main__":
    sys.exit(main())
