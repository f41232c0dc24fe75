#!/usr/bin/env python3
"""Says everything once more: the smallest bot that misses nothing and repeats nothing.

    python echo_bot.py localhost 55555 '#lobby'

What it has answered stands in echo.json; kill it and start it again as often as you like.
"""

import sys

from twisted.internet.task import react

from twistedchat.client import FatalError, Reactor, RefusedError, connect


async def main(reactor: Reactor, host: str = "localhost", port: str = "55555", room: str = "#lobby") -> None:
    """Echo, until Ctrl-C."""
    try:
        async with connect(reactor, host, int(port), nick="echo", state="echo.json") as chat:
            async for message in chat.room(room):
                if message.nick != chat.nick:
                    await chat.say(room, f"{message.nick} said: {message.text}", cid=f"echo-{message.id}")
    except (FatalError, RefusedError) as why:
        sys.exit(str(why))


if __name__ == "__main__":
    react(main, sys.argv[1:])
