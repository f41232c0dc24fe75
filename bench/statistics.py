"""The middle and the spread of what was measured, and the words of it."""

import math
from collections.abc import Sequence
from statistics import median


def middle(values: Sequence[float]) -> float | None:
    """The median; nothing for nothing."""
    return median(values) if values else None


def quantile(values: Sequence[float], share: float) -> float:
    """The least value that such a share of all of them does not exceed."""
    return sorted(values)[max(0, math.ceil(len(values) * share) - 1)]


def spread(values: Sequence[float]) -> float:
    """How far apart the extremes are, as a share of the median."""
    center = middle(values)
    return (max(values) - min(values)) / center if center else 0.0


def short(value: float | None) -> str:
    """Three digits that count, with k or M behind thousands and millions; a dash for nothing."""
    if value is None:
        return "-"
    for size, unit in ((1e6, " M"), (1e3, " k")):
        if abs(value) >= size:
            return f"{_three_digits(value / size)}{unit}"
    return _three_digits(value)


def _three_digits(value: float) -> str:
    for limit, places in ((10, 2), (100, 1)):
        if abs(value) < limit:
            return f"{value:.{places}f}"
    return f"{value:.0f}"


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """Rows as a table for the eye and for Markdown: the first is the head, the first column its names."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]

    def line(row: Sequence[str]) -> str:
        cells = [
            cell.ljust(width) if n == 0 else cell.rjust(width)
            for n, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        return f"| {' | '.join(cells)} |"

    rule = "|".join(("-" * (width + 1) + ":") if n else ("-" * (width + 2)) for n, width in enumerate(widths))
    return "\n".join([line(rows[0]), f"|{rule}|", *map(line, rows[1:])])
