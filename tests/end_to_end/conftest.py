"""The third ring: the real daemon as a child process, and real peers."""

from __future__ import annotations

from contextlib import ExitStack, closing
from typing import TYPE_CHECKING

import pytest

from tests.end_to_end.daemon import Daemon

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tests.end_to_end.daemon import Start
    from tests.end_to_end.peers import C, Meet


@pytest.fixture
def opened() -> Iterator[ExitStack]:
    """Close what a test has opened, the last first."""
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def start(tmp_path: Path, opened: ExitStack) -> Start:
    """Start a daemon with these options; at the end it must have logged no fault."""

    def start(*options: str, prefix: Sequence[str] = ()) -> Daemon:
        daemon = Daemon(tmp_path, *options, prefix=prefix)
        opened.callback(daemon.close)
        daemon.start()
        return daemon

    return start


@pytest.fixture
def daemon(start: Start) -> Daemon:
    """Give a daemon that runs, with the default settings."""
    return start()


@pytest.fixture
def meet(opened: ExitStack) -> Meet:
    """Have a peer closed when the test is over."""

    def meet(peer: C) -> C:
        return opened.enter_context(closing(peer))

    return meet
