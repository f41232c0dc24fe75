"""Draws the curves: what a delivery costs, and how long it takes, as the load rises."""

from pathlib import Path

from bench.errors import BenchError
from bench.runner import Results
from bench.scenarios import CURVE_FEW, CURVE_MANY

PANELS = (("us", "server CPU per delivery, us"), ("p99_ms", "latency, ms (line: p99, dots: p50)"))


def draw(results: Results, path: Path) -> None:
    """Cost and latency over load, a column for each size of room; both axes logarithmic."""
    try:
        from matplotlib.figure import Figure  # noqa: PLC0415 - an extra that only --plot needs
    except ImportError as error:
        raise BenchError("--plot needs matplotlib: pip install tcpchat[bench]") from error
    figure = Figure(figsize=(11, 8), layout="constrained")
    axes = figure.subplots(len(PANELS), 2, squeeze=False)
    for column, scenario in enumerate((CURVE_FEW, CURVE_MANY)):
        for row, (name, label) in enumerate(PANELS):
            axis = axes[row][column]
            for server in results.servers:
                points = results.curve(scenario, server, name)
                if not points:
                    continue
                (line,) = axis.plot(*zip(*points, strict=True), marker=".", label=server)
                if name == "p99_ms":
                    halves = results.curve(scenario, server, "p50_ms")
                    axis.plot(*zip(*halves, strict=True), linestyle=":", color=line.get_color())
            axis.set(xscale="log", yscale="log", xlabel="messages a second", ylabel=label)
            axis.set_title(f"{scenario.removeprefix('curve ')} clients, 10 senders")
            axis.grid(visible=True, which="major", alpha=0.3)
            axis.legend()
    figure.savefig(path, dpi=120)
