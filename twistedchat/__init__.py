"""tcpchat: one port for netcat, telnet, bots and people, and nothing said is ever lost.

The map, in the order of a message's way; imports point upwards in this list only:

    chat/       the chat itself: pure Python, no sockets, no clock, no files
    dialects/   how events look as bytes, and bytes as requests: pure as well
    doors/      ways in: a Protocol and its Factory each    (start with doors/line.py)
    store/      the log, which decides the order of everything
    service.py  puts them together; it alone touches the reactor and the clock
    client/     the other end, which knows the wire and nothing else of the above
"""

__version__ = "0.1.0"
