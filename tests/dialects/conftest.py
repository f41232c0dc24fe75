"""What the tests of the dialects stand on."""

from __future__ import annotations

import gc

import pytest

from twistedchat.chat.text import nickname


@pytest.fixture(scope="module", autouse=True)
def _swift() -> None:
    """Have what is loaded already not be looked through for garbage after every single test."""
    nickname("ann")
    gc.freeze()
