#!/usr/bin/env python3
"""Throws a die for whoever says !roll in the lobby, by docs/protocol.md: python plain_bot.py HOST PORT FILE."""

import contextlib, json, secrets, socket, sys, time  # noqa: E401, I001
from pathlib import Path

file, join = Path(sys.argv[3]), {"op": "join", "room": "#lobby"}
me = json.loads(file.read_text()) if file.exists() else {"session": "", "epoch": "", "place": {}}
while True:
    with contextlib.suppress(OSError, StopIteration):
        wire = socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=150).makefile("rw", encoding="utf-8")
        lines = (line[line.index("{") :] for line in wire if "{" in line)
        ask, busy = {"op": "hello", "nick": "dice", "session": me["session"]}, True
        while True:
            file.with_suffix(".new").write_text(json.dumps(me))  # first what was done is kept,
            file.with_suffix(".new").replace(file)
            if ask:  # then the next is done
                print(json.dumps({"ref": ask["op"], **ask}), file=wire, flush=True)
            event, ask = json.loads(next(lines)), None
            match event:
                case {"ev": "hello", "epoch": epoch, "session": session}:
                    me = {"session": session, "epoch": epoch, "place": me["place"] if epoch == me["epoch"] else {}}
                    ask = join | me["place"]
                case {"ev": "ok", "rid": rid, "head": head}:  # the first time: from now on
                    me["place"], busy = {"after": head} | me["place"] | {"rid": rid}, False
                case {"ref": "join", "code": "epoch_changed" | "cursor_ahead"}:
                    me["place"], ask = {}, join
                case {"code": "not_stored" | "restarting" | "internal" | "too_many"}:
                    break
                case {"ev": "ack"}:  # what came meanwhile was passed over: hear it again
                    me["place"]["after"] = rolled  # noqa: F821
                    ask = join | me["place"]
                case {"ev": "error" | "bye", "text": text}:
                    sys.exit(text)
                case {"ev": "ping", "n": n}:
                    ask = {"op": "pong", "n": n}
                case {"room": "#lobby", "seq": seq, "id": at} if not busy and seq > me["place"]["after"]:
                    if event["ev"] == "said" and event["text"] == "!roll":
                        text = f"{event['nick']} throws a {1 + secrets.randbelow(6)}"
                        ask, busy, rolled = {"op": "say", "text": text, "cid": f"roll-{at}"}, True, seq
                    else:
                        me["place"]["after"] = seq
    time.sleep(1 + secrets.randbelow(1000) / 1000)
