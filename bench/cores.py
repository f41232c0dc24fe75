"""Which processor runs what."""

import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def on_core(core: int | None) -> Iterator[None]:
    """What is started meanwhile stays on that processor; None leaves it to the kernel."""
    if core is None:
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def pick_cores() -> tuple[int | None, int | None]:
    """The server's and the generator's processor; none if there is only one."""
    available = sorted(os.sched_getaffinity(0))
    if len(available) == 1:
        return None, None
    return available[0], available[1]


def raise_descriptors() -> int:
    """As many open files as the system allows; how many that is."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard
