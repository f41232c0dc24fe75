"""docs/protocol.md names all that is spoken."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import pytest

from twistedchat.chat.errors import ChatError
from twistedchat.dialects import requests
from twistedchat.dialects.objects import TOLD

if TYPE_CHECKING:
    from collections.abc import Iterator

T = TypeVar("T")

DOCUMENT = (Path(__file__).parents[2] / "docs" / "protocol.md").read_text()
PROGRAMS = DOCUMENT[DOCUMENT.index("## JSON lines") :]
_, REQUESTS, EVENTS, ERRORS, REST = (PROGRAMS + "\n### ").split("\n### ", 4)
REPLIES = ["hello", "prefs", "ok", "ack", "error", "pong", "live", "gap", "ping", "bye", "hidden"]
NOT_ASKED = {requests.Request, requests.Typed, requests.Nothing}


def kinds(base: type[T]) -> Iterator[type[T]]:
    """Give all kinds of something, and the kinds of these."""
    for kind in base.__subclasses__():
        yield kind
        yield from kinds(kind)


class DocumentedTests:
    @pytest.mark.parametrize("request_", sorted(set(kinds(requests.Request)) - NOT_ASKED, key=str))
    def test_each_op_and_its_fields(self, request_: type) -> None:
        """They stand in one line of the table, by the names that they have on the wire."""
        op = request_.__struct_config__.tag  # type: ignore[attr-defined]
        lines = [line for line in REQUESTS.splitlines() if line.startswith("|")] + [""]
        first = next(n for n, line in enumerate(lines) if f"`{op}`" in line.split("|")[1])
        told = lines[first] + (lines[first + 1] if lines[first + 1].startswith("| | ") else "")
        fields = set(request_.__struct_encode_fields__) - {"ref"}  # type: ignore[attr-defined]
        if issubclass(request_, requests.Typed) and op != "who":
            fields -= {"room"}
        assert [field for field in fields if f"`{field}`" not in told] == []

    @pytest.mark.parametrize("event", sorted({*REPLIES, *(event for event, _ in TOLD.values())}))
    def test_each_event(self, event: str) -> None:
        """It is the first word of a line of a table."""
        assert any(f"`{event}`" in line.split("|")[1] for line in EVENTS.splitlines() if line.startswith("|"))

    @pytest.mark.parametrize("names", [names for _, names in TOLD.values() if names])
    def test_each_field_of_an_event(self, names: tuple[str, ...]) -> None:
        """They stand in one line together."""
        wanted = [f"`{name.rstrip('?')}`{'?' * name.endswith('?')} " for name in names]
        assert any(all(name in line for name in wanted) for line in EVENTS.splitlines())

    @pytest.mark.parametrize("code", sorted({kind.code for kind in kinds(ChatError)}))
    def test_each_code(self, code: str) -> None:
        """It stands in the table, and why there is such a refusal."""
        assert any(f"`{code}`" in line.split("|")[1] for line in ERRORS.splitlines() if line.startswith("|"))
