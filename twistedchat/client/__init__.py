"""The other end: a person at a terminal, a shell's pipe, or a program.

A bot needs this package only (docs/bots.md)::

    async with connect(reactor, "localhost", 55555, nick="echo") as chat:
        ops = await chat.join("#ops")
        async for message in ops:
            await ops.say(message.text)

What it is made of::

    wire        what arrives and what is sent, as values
    events      what is done to messages, rooms and people: what arrives, too
    protocol    one connection: lines of JSON, and who is not tcpchat
    streams     where a room's reader is
    rooms       the rooms that somebody is in, and the active one
    papers      by what the server knows us
    sends       what is said and not answered yet
    session     what outlives a connection: name, cursors, what is unacknowledged
    link        connecting, and connecting again
    ways        how a server is reached, and what that is worth
    trust       whose certificate is the server's: the file of those that are known
    examination what the system's roots say of a certificate
    gate        a connection until it is known who is there
    secure      an endpoint that is TLS where others could read along
    exits       every way to give up, with its words and its exit status
    render      news as lines for a person, harmless to a terminal
    acts        the words for what people do
    passwords   what wants one, and how nobody sees it
    pipe        stdin and stdout of a shell
    tail        what is said, for whoever reads standard output
    since       from where on that is
    editor      the line that is being typed, and what scrolls above it
    typed       what a typed line means
    speaker     what is typed, done
    replays     what was said before, gathered
    complete    what the Tab key knows
    naming      how a person comes by a name
    terminal    a person at the editor
    tutorial    the well-known tutorial's own server
    options     the command line
    connecting  how a bot comes in, and how it goes
    chat        a chat, as a bot uses it
    room        a room, as a bot uses it
    stay        in and out of a room, and what is heard of it
    post        what is said to a bot only
    tap         a stream on its way to a reader
    feed        what one reader has still to read
    notebook    the file in which a bot keeps how far it has come
    errors      what a bot may have to hear

Nothing here imports the daemon.
"""

from twisted.internet.posixbase import PosixReactorBase as Reactor

from twistedchat.client.chat import Chat
from twistedchat.client.connecting import connect
from twistedchat.client.errors import LeftError, PutOutError, UnansweredError
from twistedchat.client.exchange import GivenUpError, RefusedError
from twistedchat.client.exits import FatalError
from twistedchat.client.room import Message, Room
from twistedchat.client.wire import Ack, Direct, Emoted, Hello, Kept, News, Ok, Said

__all__ = [
    "Ack",
    "Chat",
    "Direct",
    "Emoted",
    "FatalError",
    "GivenUpError",
    "Hello",
    "Kept",
    "LeftError",
    "Message",
    "News",
    "Ok",
    "PutOutError",
    "Reactor",
    "RefusedError",
    "Room",
    "Said",
    "UnansweredError",
    "connect",
]
