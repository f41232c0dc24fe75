"""How properties are tried: at leisure, and the same way each time."""

from __future__ import annotations

import gc

import pytest
from hypothesis import HealthCheck, settings

from twistedchat.chat.text import nickname

settings.register_profile("calm", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("calm")


@pytest.fixture(scope="module", autouse=True)
def calm() -> None:
    """Have what is loaded already not be searched for garbage after every single test."""
    nickname("ann")
    gc.freeze()
