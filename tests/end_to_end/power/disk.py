"""A disk that keeps what was synced, and of the rest what chance has let reach it when the power goes."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import PurePath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path
    from random import Random

    from tests.end_to_end.power.trace import Call

SECTOR = 512
"""What a disk writes wholly or not at all."""
SYNCS = frozenset({"fdatasync", "fsync"})
CHANGES = frozenset({"pwrite64", "write", "ftruncate"})


@dataclass(slots=True)
class File:
    """One file: what is on the disk, what is on the way there, and whether its name is there."""

    kept: bytearray = field(default_factory=bytearray)
    pending: list[Call] = field(default_factory=list)
    is_named: bool = False
    is_gone: bool = False
    before: File | None = None
    """What had this name before, where the disk does not know yet that it is gone."""


class Disk:
    """Follows the calls for some files of one folder; `syncs` can be ignored, as a bad disk does."""

    def __init__(self, folder: Path, names: Iterable[str], *, syncs: bool = True) -> None:
        self._folder = str(folder)
        self._names = set(names)
        self._syncs = syncs
        self._files: dict[str, File] = {}

    def follow(self, call: Call) -> None:
        """Do what a call does, now that it has ended."""
        if call.target == self._folder and call.name in SYNCS and self._syncs:
            self._sync_names()
            return
        path = PurePath(call.target)
        if str(path.parent) != self._folder or path.name not in self._names:
            return
        if call.name == "openat":
            self._open(path.name)
        elif call.name == "unlink":
            self._files[path.name].is_gone = True
        elif call.name in CHANGES:
            self._files[path.name].pending.append(call)
        elif call.name in SYNCS and self._syncs:
            self._sync(self._files[path.name], call)

    def cut(self, random: Random, into: Path) -> None:
        """Write down what is there when the power goes now."""
        chance = random.choice((0.0, 0.5, 0.9, random.random()))
        for name, file in self._files.items():
            there = file if file.is_named or random.random() < chance else file.before
            if there is not None and not (there.is_gone and random.random() < chance):
                (into / name).write_bytes(_survivor(there, random, chance))

    def _open(self, name: str) -> None:
        known = self._files.get(name)
        if known is None or known.is_gone:
            self._files[name] = File(before=known)

    def _sync_names(self) -> None:
        for name, file in list(self._files.items()):
            if file.is_gone:
                del self._files[name]
            file.is_named, file.before = True, None

    def _sync(self, file: File, sync: Call) -> None:
        """Have on the disk whatever had been written before the sync began."""
        done = [change for change in file.pending if change.end < sync.begin]
        for change in done:
            _apply(file.kept, change)
        file.pending = file.pending[len(done) :]


def _apply(data: bytearray, change: Call) -> None:
    if change.name == "ftruncate":
        _resize(data, change.number)
    else:
        _put(data, change.number, change.data[: change.result])


def _put(data: bytearray, offset: int, piece: bytes) -> None:
    if len(data) < offset:
        _resize(data, offset)
    data[offset : offset + len(piece)] = piece


def _resize(data: bytearray, size: int) -> None:
    del data[size:]
    data += bytes(size - len(data))


def _survivor(file: File, random: Random, chance: float) -> bytes:
    """Return what is kept of a file, with each sector that was on its way by that chance."""
    data = bytearray(file.kept)
    for change in file.pending:
        if change.name == "ftruncate":
            if random.random() < chance:
                _apply(data, change)
            continue
        at, rest = change.number, change.data[: change.result]
        while rest:
            size = SECTOR - at % SECTOR
            if random.random() < chance:
                _put(data, at, rest[:size])
            at, rest = at + size, rest[size:]
    return bytes(data)
