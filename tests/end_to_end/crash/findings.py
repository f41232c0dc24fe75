"""The ten faults, how often each was found, and an example or two."""

from __future__ import annotations

from collections import Counter
from threading import Lock

FAULTS = {
    "lost": "acknowledged, or followed by something stored of the same sender, and not in the history",
    "duplicated": "in the history more than once",
    "phantom": "shown, and not in the history; or refused, and there all the same",
    "altered": "in the history otherwise than it was sent, acknowledged or shown",
    "repeated": "told twice to one who listens",
    "missed": "never told to one who listens",
    "disorder": "told, or kept, in another order than that of the history",
    "unfair": "stored in another order than its sender's",
    "damaged": "a copy of the database in which SQLite finds faults",
    "died": "an end of the daemon, or a fault in its log, that nobody had asked for",
}
EXAMPLES = 3


class Findings:
    """What is wrong; any thread may add to it."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._lock = Lock()
        self.examples: list[str] = []

    def add(self, fault: str, what: str, times: int = 1) -> None:
        assert fault in FAULTS
        with self._lock:
            self._counts[fault] += times
            if sum(example.startswith(fault) for example in self.examples) < EXAMPLES:
                self.examples.append(f"{fault}: {what}")

    @property
    def counts(self) -> dict[str, int]:
        """All ten, those that were not found with 0."""
        return {fault: self._counts[fault] for fault in FAULTS}

    @property
    def found(self) -> set[str]:
        return {fault for fault in FAULTS if self._counts[fault]}
