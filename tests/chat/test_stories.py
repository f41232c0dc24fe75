"""How people could come to see what they may not: each way that is known, and ways that are made up."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.chat.story import STEPS, Story

CLOSE, OPEN, KEY = "/room {room} set join invite", "/room {room} set join open", "/room {room} set key one"
JOIN, IN_BY_KEY = "!/join {room}", "!/join {room} one"
INSIDE = {
    "is banned by name and comes back": (CLOSE, "/ban {room} {nick}", "/unban {room} {nick}", JOIN),
    "is banned by address and comes from elsewhere": (CLOSE, "/ban {room} {mask}", "!lose", "!return", JOIN),
    "is banned by address and comes back": (CLOSE, "/ban {room} {mask}", "/unban {room} {mask}", JOIN),
    "is banned for a while": (KEY, "/ban {room} {nick} 20s", "wait", JOIN, IN_BY_KEY),
    "is banned from an open room and comes back": ("/ban {room} {nick}", JOIN, "/unban {room} {nick}", JOIN),
    "is kicked and comes back": (CLOSE, "/kick {room} {nick}", JOIN, "/invite {room} {nick}", JOIN),
    "is kicked from two connections": (CLOSE, "!again", JOIN, "/kick {room} {nick}"),
    "is kicked while others talk": ("{text} & /kick {room} {nick} & {text}",),
    "is kicked from a private room while others talk": (CLOSE, "{text} & /kick {room} {nick} & {text}"),
    "is banned from a private room while others talk": (CLOSE, "{text} & /ban {room} {mask} & {text}"),
    "is banned from the server while others talk": ("{text} & /ban -s {nick} 20s & {text}",),
    "leaves and is asked back": (CLOSE, "!/part {room}", "/invite {room} {nick}", JOIN),
    "leaves before it closes": ("!/part {room}", CLOSE, JOIN),
    "leaves while it is open again": (CLOSE, OPEN, "!/part {room}", CLOSE, JOIN),
    "leaves as it closes": (f"!/part {{room}} & {CLOSE}", JOIN),
    "leaves by one connection of two": (CLOSE, "!again", JOIN, "!/part {room}", "!lose", JOIN),
    "has a line that breaks": (CLOSE, "!lose", "!return", JOIN),
    "has a line that is broken when it closes": ("!lose", CLOSE, "!return", JOIN),
    "has a line that is broken when it closes again": (CLOSE, OPEN, "!lose", CLOSE, "!return", JOIN),
    "logs in": (CLOSE, "!/login dan dan-secret"),
    "logs out and in again": (CLOSE, "!/logout", JOIN, "!/login bob bob-secret", JOIN),
    "is banned as a guest and logs in where they are already": (
        *(CLOSE, "!again", "!/logout", "/ban {room} {nick}", "!/login bob bob-secret", "/unban {room} bob2", JOIN),
    ),
    "registers": (CLOSE, "!/register the-secret"),
    "is not a guest that may be there": (
        CLOSE,
        "/room {room} set guests none",
        "/room {room} set guests default",
        JOIN,
    ),
    "registers where guests are banned": ("/ban {room} {nick}", "!/register the-secret", JOIN),
    "was an op and is banned": ("/op {room} {nick}", "/ban {room} {mask}", "/deop {room} {nick}"),
    "is an op and is kicked": (CLOSE, "/op {room} {nick}", "/kick {room} {nick}", JOIN),
    "has said something that is edited and deleted": ("!{text}", "!/edit {text}", "!/edit {text}", "!/del"),
    "edits and deletes in one go": ("!{text}", "!/edit {text} & !/edit {text} & !/del"),
    "edits what others said": ("!/edit ^1 {text}", "!/edit ^2 {text}"),
    "says what is not kept": ("/room {room} set keep off", "!{text}", "/room {room} set keep forever"),
    "is asked in though they are there": ("/invite {room} {nick}", CLOSE, OPEN),
}
OUTSIDE = {
    "comes by the key and stays": (KEY, JOIN, IN_BY_KEY),
    "is asked in and stays": (CLOSE, JOIN, "/invite {room} {nick}", JOIN),
    "comes by the key": (KEY, JOIN, IN_BY_KEY, OPEN, CLOSE),
    "comes as it closes": (f"{JOIN} & {CLOSE}", JOIN),
    "comes when it has just closed": (f"{CLOSE} & {JOIN}", JOIN),
    "comes when it has just got a key": (f"{KEY} & {JOIN}", f"/room {{room}} set key two & {IN_BY_KEY}"),
    "is asked in and comes": (CLOSE, "/invite {room} {nick}", JOIN, OPEN, "!/part {room}", JOIN),
    "is asked in before it closes": ("/invite {room} {nick}", CLOSE, JOIN),
    "is asked in, and it opens and closes": (CLOSE, "/invite {room} {nick}", OPEN, CLOSE, JOIN),
    "is asked in and banned": (CLOSE, "/invite {room} {nick}", "/ban {room} {nick}", "/unban {room} {nick}", JOIN),
    "is made an op": (CLOSE, "/op {room} {nick}", JOIN, "!/part {room}", JOIN, "/deop {room} {nick}"),
    "is made an op before it closes": ("/op {room} {nick}", CLOSE, JOIN),
    "comes after it was private": (CLOSE, OPEN, JOIN, CLOSE),
    "comes twice": (KEY, IN_BY_KEY, "!again", JOIN, "!/part {room}"),
}


class StoryTests:
    @pytest.mark.parametrize("member", [True, False])
    @pytest.mark.parametrize("name", INSIDE)
    def test_somebody_who_is_in_the_room(self, name: str, *, member: bool) -> None:
        """Whatever becomes of them, they and all others see what they may, and nothing else."""
        Story(member=member, inside=True).goes(INSIDE[name])

    @pytest.mark.parametrize("member", [True, False])
    @pytest.mark.parametrize("name", OUTSIDE)
    def test_somebody_who_is_not(self, name: str, *, member: bool) -> None:
        """However they come in, they and all others see what they may, and nothing else."""
        Story(member=member, inside=False).goes(OUTSIDE[name])

    @settings(max_examples=200)
    @given(
        member=st.booleans(), inside=st.booleans(), steps=st.lists(st.sampled_from(STEPS), min_size=4, max_size=16)
    )
    def test_anything_else(self, *, member: bool, inside: bool, steps: list[str]) -> None:
        """Whatever is done by them and to them, they and all others see what they may, and nothing else."""
        Story(member=member, inside=inside).goes(steps)

    @pytest.mark.soak
    @settings(max_examples=5000, derandomize=False)
    @given(
        member=st.booleans(), inside=st.booleans(), steps=st.lists(st.sampled_from(STEPS), min_size=8, max_size=30)
    )
    def test_anything_else_for_long(self, *, member: bool, inside: bool, steps: list[str]) -> None:
        """The same, for long."""
        Story(member=member, inside=inside).goes(steps)
