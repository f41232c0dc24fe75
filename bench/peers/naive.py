"""The naive Twisted chat: a line that comes in is written to each transport at once.  naive.py PORT."""

import sys

from twisted.internet import task
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTCP
from twisted.internet.protocol import ServerFactory
from twisted.protocols.basic import LineReceiver


class Chat(LineReceiver):
    """One person: the first line is a nickname, the others are said to everybody."""

    delimiter = b"\n"
    nick: bytes | None = None

    def __init__(self, everybody: set["Chat"]) -> None:
        self.everybody = everybody

    def lineReceived(self, line: bytes) -> None:
        """Take a name, or tell everybody."""
        line = line.rstrip(b"\r")
        if self.nick is None:
            self.nick = line
            self.everybody.add(self)
            self.sendLine(b"Connected to server!")
            return
        message = self.nick + b": " + line + b"\r\n"
        for other in self.everybody:
            other.send(message)

    def send(self, message: bytes) -> None:
        """Three system calls."""
        if self.transport is not None:
            self.transport.write(message)

    def connectionLost(self, reason: object = None) -> None:
        """Forget them."""
        del reason
        self.everybody.discard(self)


class Chats(ServerFactory):
    """All who are connected."""

    def __init__(self) -> None:
        self.everybody: set[Chat] = set()

    def buildProtocol(self, addr: object) -> Chat:
        """Let anybody in."""
        del addr
        return Chat(self.everybody)


def listen(reactor: IReactorTCP, port: str) -> Deferred[None]:
    """Serve for ever."""
    reactor.listenTCP(int(port), Chats(), backlog=4096, interface="127.0.0.1")
    return Deferred()


if __name__ == "__main__":
    task.react(listen, sys.argv[1:])
