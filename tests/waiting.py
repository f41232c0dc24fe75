"""What tests on the real reactor wait with: never longer than they should."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from twisted.internet import reactor  # noqa: TID251 - the tests' own entry point
from twisted.internet.base import ReactorBase
from twisted.internet.defer import Deferred

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

P = ParamSpec("P")
T = TypeVar("T")

SECONDS = 20.0
"""After so long a test has failed: many times what any takes."""


def in_reactor(test: Callable[P, Coroutine[Deferred[object], object, T]]) -> Callable[P, Deferred[T]]:
    """Run a coroutine as a test, on the real reactor, and let it fail where it takes too long."""

    @wraps(test)
    def run(*args: P.args, **kwargs: P.kwargs) -> Deferred[T]:
        assert isinstance(reactor, ReactorBase)
        return Deferred.fromCoroutine(test(*args, **kwargs)).addTimeout(SECONDS, reactor)

    return run
