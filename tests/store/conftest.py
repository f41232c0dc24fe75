"""The engines that the log's contract is held against."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

import pytest

from tests.store.helpers import Shelf, SqliteEngine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session", autouse=True)
def _imports_are_no_garbage() -> None:
    """Leave what has been imported out of the search for garbage that follows every test."""
    gc.collect()
    gc.freeze()


@pytest.fixture(params=[SqliteEngine])
def shelf(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shelf]:
    """Give a log that has been started, of each engine in turn."""
    shelf = Shelf(request.param(tmp_path))
    yield shelf
    shelf.close()
