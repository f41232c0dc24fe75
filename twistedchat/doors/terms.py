"""What the line door grants its peers, and how it treats each kind of them."""

from __future__ import annotations

from msgspec import Struct

from twistedchat.dialects.line import LINE_MOST
from twistedchat.doors.arrival import Peer

HALF_CLOSED_SECONDS = 30.0
"""How long a peer that will send no more is kept while it is owed something."""
REFUSED_SECONDS = 1.0
"""How long a connection that is one too many may take to show in which dialect to tell it so."""
CROWD_SECONDS = 0.05
"""How long senders pause when more waits for the log than it should."""
UNPAUSED_MOST = 64
"""Messages of the tutorial's client that may wait, for its reading cannot be paused."""


class Terms(Struct, frozen=True):
    """What every peer is granted; seconds, bytes and counts, 0 for no limit."""

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
