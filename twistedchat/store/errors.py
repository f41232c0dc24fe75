"""Why a store cannot be used at all: one line for whoever starts the daemon, and the exit status."""

from __future__ import annotations

from typing import ClassVar


class StoreError(Exception):
    """The store cannot be used; its text says what it is and what to do."""

    status: ClassVar[int] = 2


class NotWritable(StoreError):
    """The folder or the file cannot be written."""

    status = 1


class InUse(StoreError):
    """Another daemon has it."""

    status = 3
