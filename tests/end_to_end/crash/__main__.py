"""``python -m tests.end_to_end.crash --kills 1000``: ends the daemon so often, and says what that has done."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.end_to_end.crash.book import TRAFFIC
from tests.end_to_end.crash.findings import FAULTS
from tests.end_to_end.crash.harness import Harness, Plan

SERVERS = {
    path.stem: path
    for path in (Path(__file__).parents[1] / "broken").glob("*.py")
    if path.stem not in {"early", "served"}
} | {"jumping": Path(__file__).parents[1] / "jumping.py"}


def main() -> int:
    """Return 0 where there was traffic of every kind and no fault."""
    options = parse()
    plan = Plan(
        options.kills,
        options.seed,
        prefix=(sys.executable, str(SERVERS[options.server])) if options.server else (),
        look_every=options.look_every,
    )
    begin = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="tcpchat-crash-") as folder:
        book = Harness(Path(folder), plan, say=lambda text: print(text, flush=True)).run()  # noqa: T201
    report = [f"{options.kills} ends in {time.monotonic() - begin:.0f} s, seed {options.seed}", ""]
    others = sorted(book.traffic.keys() - TRAFFIC.keys())
    report += [f"{book.traffic[kind]:>9} {kind}" for kind in (*TRAFFIC, *others)]
    report += [""]
    report += [f"{count:>9} {fault}: {FAULTS[fault]}" for fault, count in book.findings.counts.items()]
    report += ["", *book.findings.examples]
    report += [f"no traffic: nothing was {kind}" for kind in book.lacks]
    print("\n".join(report))  # noqa: T201
    return 1 if book.findings.found or book.lacks or book.traffic["unanswered"] else 0


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.end_to_end.crash", description=__doc__)
    parser.add_argument("--kills", type=int, default=10, help="how often it is ended; every second by SIGTERM")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="of what is left to chance")
    parser.add_argument("--look-every", type=int, default=20, help="after how many ends a copy is checked for damage")
    parser.add_argument("--server", choices=sorted(SERVERS), help="another server than the real one")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
