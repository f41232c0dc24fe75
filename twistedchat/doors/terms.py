"""What the line door grants its peers, and how it treats each kind of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct, structs

from twistedchat.dialects.jsonl import JsonDialect
from twistedchat.dialects.line import LINE_MOST, LineDialect
from twistedchat.dialects.tutorial import TutorialDialect
from twistedchat.doors.arrival import Peer

if TYPE_CHECKING:
    from twistedchat.dialects.wire import Dialect


UNHURRIED = 0, 0.0
"""The rate of those whom nobody counts: none."""


class Terms(Struct, frozen=True):
    """What every peer is granted; seconds, bytes and counts, 0 for no limit.

    `keep` is how long messages are kept, "" for ever.
    The last four are no settings. A peer that will send no more is kept for
    `half_closed_seconds` while it is owed something. A connection that is one too many
    has `refused_seconds` to show in which dialect to tell it so. Senders pause for
    `crowd_seconds` when more waits for the log than it should. Of the tutorial's
    client, whose reading cannot be paused, `unpaused_lines` may wait.
    """

    server: str
    nick_seconds: float = 30.0
    burst: int = 10
    per_second: float = 2.0
    line_bytes: int = LINE_MOST
    text_characters: int = 4000
    backlog_bytes: int = 256 * 1024
    stalled_seconds: float = 20.0
    ping_seconds: int = 60
    silent_seconds: int = 150
    replay: int = 20
    keep: str = ""
    half_closed_seconds: float = 30.0
    refused_seconds: float = 1.0
    crowd_seconds: float = 0.05
    unpaused_lines: int = 64
    rate: tuple[int, float] = UNHURRIED

    def __post_init__(self) -> None:
        """Have one `rate` for all, of `burst` and `per_second`."""
        structs.force_setattr(self, "rate", (self.burst, self.per_second))

    @property
    def greeting(self) -> bytes:
        """What a peer that waits to be spoken to is told."""
        return f"tcpchat on {self.server}. Type a nickname and press Enter (2-24 letters).\r\n".encode()


class Manner(Struct, frozen=True):
    """How one kind of peer is treated where its dialect alone does not say it.

    `acks`: it is told what has been stored. `asks_again`: a refused nickname is asked
    for again with this prompt, else (None) the connection ends. `invents`: whoever
    cannot be asked is given a name near the wanted one. `returns`: the peer gets a
    secret to come back with. `lands`: it is in the lobby as soon as it has a name.
    """

    acks: bool = False
    asks_again: bytes | None = None
    invents: bool = False
    returns: bool = False
    lands: bool = True


MANNERS = {
    Peer.PERSON: Manner(asks_again=b"NICK> "),
    Peer.PROGRAM: Manner(acks=True, asks_again=b"", returns=True, lands=False),
    Peer.TUTORIAL: Manner(invents=True),
}
PIPE = Manner()
"""A person's line that did not wait for the greeting: its next line is no second try at a nickname."""


def dialects(text: LineDialect) -> dict[Peer, Dialect]:
    """Return what each kind of peer speaks, where people are shown text as `text` puts it."""
    return {Peer.PERSON: text, Peer.PROGRAM: JsonDialect(), Peer.TUTORIAL: TutorialDialect(text)}
