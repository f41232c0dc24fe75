#!/usr/bin/env python3
"""Runs a script when somebody whom it trusts says ``!deploy WHAT``, and says how that ended.

    python deploy_bot.py ./deploy.sh localhost 55555 '#ops' alice bob

alice and bob are accounts. Nothing is deployed twice, whatever is killed and started again
meanwhile: what has been begun stands in the room, and the bot sees whether it stood there before.
"""

import sys

from twisted.internet.task import react
from twisted.internet.utils import getProcessOutputAndValue

from twistedchat.client import Chat, FatalError, Message, Reactor, RefusedError, connect


async def main(reactor: Reactor, script: str, host: str, port: str, room: str, *trusted: str) -> None:
    """Deploy what it is told to, one after the other, until Ctrl-C."""
    try:
        async with connect(reactor, host, int(port), nick="deploy", state="deploy.json") as chat:
            async for message in chat.room(room):
                if message.text.startswith("!deploy "):
                    await deploy(reactor, script, chat, message, trusted)
    except (FatalError, RefusedError) as why:
        sys.exit(str(why))


async def deploy(reactor: Reactor, script: str, chat: Chat, message: Message, trusted: tuple[str, ...]) -> None:
    """Deploy what one message asks for, if we were not at it already."""
    what = message.text.removeprefix("!deploy ")
    if message.account not in trusted:
        await chat.say(message.room, f"{what}: you may not, {message.nick}.", cid=f"no-{message.id}")
        return
    begun = await chat.say(message.room, f"{what}: deploying for {message.nick} ...", cid=f"begin-{message.id}")
    if begun.dup:
        end = "I was interrupted. Please see whether it is out."
    else:
        _, errors, status = await getProcessOutputAndValue(script, [what], reactor=reactor)
        last = errors.decode(errors="replace").splitlines()[-5:]
        end = "\n".join([f"failed with status {status}", *last]) if status else "done"
    await chat.say(message.room, f"{what}: {end}", cid=f"end-{message.id}")


if __name__ == "__main__":
    react(main, sys.argv[1:])
