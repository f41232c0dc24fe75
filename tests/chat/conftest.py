"""What the tests of the chat stand on."""

from __future__ import annotations

import pytest

from tests.chat.world import World
from tests.properties import calm

__all__ = ["calm", "world"]


@pytest.fixture
def world() -> World:
    """Give a chat that has been started, and nobody in it."""
    return World()
