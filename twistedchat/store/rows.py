"""What a row of the log looks like."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import msgspec

from twistedchat.chat.acts import Kept
from twistedchat.chat.events import Entry

if TYPE_CHECKING:
    from msgspec import Struct

SEQ_BITS = 40
"""How many bits of a row's place are its seq; the stream's number stands above them."""
SEQ_MOST = (1 << SEQ_BITS) - 1

Row: TypeAlias = tuple[int, int, int, str, str | None, str]
"""Place, id, at, by, cid, event."""

encode = msgspec.json.Encoder().encode
decode = msgspec.json.Decoder(Kept).decode


def place_of(number: int, seq: int) -> int:
    """Return where an entry stands: the stream's number above the seq."""
    return number << SEQ_BITS | seq


def seq_of(place: int) -> int:
    """Return the seq of the entry that stands there."""
    return place & SEQ_MOST


def json_of(value: Struct) -> str:
    """Return an event, settings, preferences as they are stored."""
    return encode(value).decode()


def event_of(json: str) -> Kept:
    """Return the event that a row holds."""
    event: Kept = decode(json)
    return event


def entry_of(stream: str, row: Row) -> Entry:
    """Make an `Entry` of a row."""
    place, number, at, by, cid, event = row
    return Entry(decode(event), stream, place & SEQ_MOST, number, at, by, cid or "")
