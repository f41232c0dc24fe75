"""Telnet's own bytes (RFC 854), taken out of what a person types."""

from __future__ import annotations

import re

IAC, DONT, DO, WONT, WILL, SB, SE = b"\xff", b"\xfe", b"\xfd", b"\xfc", b"\xfb", b"\xfa", b"\xf0"
ECHO = b"\x01"
HIDE, SHOW = IAC + WILL + ECHO, IAC + WONT + ECHO
"""We offer to show what is typed, and do not, so nobody does (RFC 857); or it shows it itself again."""
REFUSAL = {DO: WONT, WILL: DONT}
"""How an offer or a wish is refused; a refusal needs no answer (RFC 1143)."""

_INSIDE = rb"(?:[^\xff]|\xff[^\xf0])*+"
"""What stands between IAC SB and IAC SE: a subnegotiation."""
_END = re.compile(_INSIDE + rb"(?:(?P<end>\xff\xf0)|(?P<half>\xff?))", re.DOTALL)
_COMMAND = re.compile(
    rb"\xff(?:(?P<byte>\xff)|(?P<asked>[\xfb-\xfe])(?P<option>.)|\xfa" + _INSIDE + rb"\xff\xf0|[\xf0-\xf9]"
    rb"|(?P<cut>(?P<begun>\xfa" + _INSIDE + rb"(?P<half>\xff?))|[\xfb-\xfe]?)\Z)",
    re.DOTALL,
)


class Telnet:
    """Takes telnet's commands out of a stream, wherever it is cut, and refuses every option.

    Also the timing mark, which the telnet of Linux asks for at Ctrl-C, and until it
    is answered shows nothing any more. An IAC that no command follows is text. Once
    `hiding` was offered, what is said of it needs no answer.
    """

    __slots__ = ("_inside", "_rest", "hiding")

    def __init__(self) -> None:
        self.hiding = False
        self._inside = False
        self._rest = b""

    def feed(self, data: bytes) -> tuple[bytes, bytes]:
        """Return what was typed, and what is to be answered to the telnet at the other end."""
        if IAC not in data and not self._rest and not self._inside:
            return data, b""
        data, self._rest = self._rest + data, b""
        if self._inside:
            data = self._after_subnegotiation(data)
        replies: list[bytes] = []

        def take_out(command: re.Match[bytes]) -> bytes:
            if command["cut"] is not None:
                self._inside = command["begun"] is not None
                self._rest = command["half"] if self._inside else command[0]
            elif command["asked"] in REFUSAL and not (self.hiding and command[0] == IAC + DO + ECHO):
                replies.append(IAC + REFUSAL[command["asked"]] + command["option"])
            return command["byte"] or b""

        typed = _COMMAND.sub(take_out, data)
        return typed, b"".join(replies)

    def _after_subnegotiation(self, data: bytes) -> bytes:
        """Return what follows the subnegotiation that is under way; b"" where it is not over yet."""
        end = _END.match(data)
        if end is None or end["end"] is None:
            self._rest = end["half"] if end else b""
            return b""
        self._inside = False
        return data[end.end() :]
