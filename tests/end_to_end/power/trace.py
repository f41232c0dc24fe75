"""What a daemon has asked of the kernel, as strace has written it down."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

CALLS = "openat,unlink,pwrite64,write,writev,sendto,sendmsg,ftruncate,fdatasync,fsync"
OPTIONS = ("-D", "-f", "--seccomp-bpf", "-qq", "-y", "-xx", "-s", "1000000", "-e", f"trace={CALLS}")
"""Every string whole and in hexadecimal, and beside each descriptor what it is."""

_LINE = re.compile(r"(\d+) +(.*)")
_UNFINISHED = re.compile(r"(.*?) *<unfinished \.\.\.>")
_RESUMED = re.compile(r"<\.\.\. \w+ resumed>(.*)")
_CALL = re.compile(r"(\w+)\((.*)\) += (-?\d+)")
_TARGET = re.compile(r"\d+<([^>]*)>")
_STRING = re.compile(r'"([^"]*)"')
_NUMBER = re.compile(r", (\d+)$")


@dataclass(frozen=True, slots=True)
class Call:
    """One call that has succeeded; `begin` and `end` are lines of the trace, `number` is its last argument."""

    begin: int
    end: int
    name: str
    target: str
    data: bytes
    number: int
    result: int


def calls(lines: Iterable[str]) -> Iterator[Call]:
    """Yield the calls in the order in which they ended."""
    begun: dict[str, tuple[int, str]] = {}
    for number, line in enumerate(lines):
        found = _LINE.fullmatch(line.rstrip("\n"))
        if found is None:
            continue
        thread, text = found.groups()
        begin = number
        if unfinished := _UNFINISHED.fullmatch(text):
            begun[thread] = number, unfinished[1]
            continue
        if resumed := _RESUMED.fullmatch(text):
            begin, before = begun.pop(thread)
            text = before + resumed[1]
        call = _call(begin, number, text)
        if call is not None:
            yield call


def _call(begin: int, end: int, text: str) -> Call | None:
    found = _CALL.match(text)
    if found is None or int(found[3]) < 0:
        return None
    name, arguments, result = found.groups()
    strings = b"".join(plain(string) for string in _STRING.findall(arguments))
    target = _TARGET.match(arguments)
    number = _NUMBER.search(arguments)
    if name in {"openat", "unlink"}:
        return Call(begin, end, name, strings.decode(), arguments.encode(), 0, int(result))
    path = plain(target[1]).decode() if target else ""
    return Call(begin, end, name, path, strings, int(number[1]) if number else 0, int(result))


def plain(text: str) -> bytes:
    """Return the bytes that strace has written as hexadecimal, or as they are."""
    return bytes.fromhex(text.replace("\\x", "")) if text.startswith("\\x") else text.encode()
