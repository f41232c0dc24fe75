"""Telnet's own bytes (RFC 854), taken out of what a person types."""

from __future__ import annotations

from enum import Enum

IAC, DONT, DO, WONT, WILL, SB, SE = b"\xff", b"\xfe", b"\xfd", b"\xfc", b"\xfb", b"\xfa", b"\xf0"
REFUSAL = {DO: WONT, WILL: DONT}
"""How an offer or a wish is refused; a refusal needs no answer (RFC 1143)."""


class _State(Enum):
    DATA = 0
    COMMAND = 1
    OPTION = 2
    SUBNEGOTIATION = 3
    SUBNEGOTIATION_COMMAND = 4


class Telnet:
    """Takes telnet's commands out of a stream, wherever it is cut, and refuses every option.

    Also the timing mark, which the telnet of Linux asks for at Ctrl-C, and until it
    is answered shows nothing any more.
    """

    __slots__ = ("_asked", "_state", "seen")

    def __init__(self) -> None:
        self.seen = False
        self._state = _State.DATA
        self._asked = b""

    def feed(self, data: bytes) -> tuple[bytes, bytes]:
        """Return what was typed, and what is to be answered to the telnet at the other end."""
        if self._state is _State.DATA and IAC not in data:
            return data, b""
        self.seen = True
        typed = bytearray()
        replies = bytearray()
        for value in data:
            byte = bytes((value,))
            match self._state:
                case _State.DATA if byte == IAC:
                    self._state = _State.COMMAND
                case _State.DATA:
                    typed += byte
                case _State.COMMAND:
                    typed += self._command(byte)
                case _State.OPTION:
                    if self._asked in REFUSAL:
                        replies += IAC + REFUSAL[self._asked] + byte
                    self._state = _State.DATA
                case _State.SUBNEGOTIATION if byte == IAC:
                    self._state = _State.SUBNEGOTIATION_COMMAND
                case _State.SUBNEGOTIATION_COMMAND:
                    self._state = _State.DATA if byte == SE else _State.SUBNEGOTIATION
        return bytes(typed), bytes(replies)

    def _command(self, byte: bytes) -> bytes:
        """Take the byte after an IAC, and return what of it was typed.

        A doubled IAC is one byte of text, and so is one that no command follows.
        """
        self._state = _State.DATA
        if byte in {DO, DONT, WILL, WONT}:
            self._state, self._asked = _State.OPTION, byte
        elif byte == SB:
            self._state = _State.SUBNEGOTIATION
        elif byte < SE:
            return IAC + byte
        return byte if byte == IAC else b""
