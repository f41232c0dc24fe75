"""A server that shows some of what was committed together in another order."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from tests.end_to_end.broken.served import serve
from twistedchat.chat.events import Entry
from twistedchat.store.sqlite import SqliteLog

if TYPE_CHECKING:
    from collections.abc import Sequence

    from twistedchat.chat.events import Settled
    from twistedchat.chat.log import OnBatch, Remembered


class Reorders(SqliteLog):
    def start(self, on_batch: OnBatch, at: int) -> Remembered:
        return super().start(lambda settled: on_batch(reordered(settled)), at)


def reordered(settled: Sequence[Settled]) -> list[Settled]:
    """Return them with the first two of each room in the wrong order, where there are three."""
    others = list(settled)
    places: dict[str, list[int]] = defaultdict(list)
    for index, (_, outcome) in enumerate(settled):
        if isinstance(outcome, Entry) and outcome.event.kept:
            places[outcome.stream].append(index)
    for first, second, *rest in (indices for indices in places.values() if len(indices) > 1):
        if rest:
            others[first], others[second] = settled[second], settled[first]
    return others


serve(Reorders)
