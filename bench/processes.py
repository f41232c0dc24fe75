"""What the kernel knows about a server: its processes, its memory, its open port."""

import os
from pathlib import Path

LISTENS = "0A"  # the state of a listening socket in /proc/net/tcp


def descendants(pid: int) -> list[int]:
    """The process and all those it has started, and they, and so on."""
    found = [pid]
    for parent in found:
        for children in Path(f"/proc/{parent}/task").glob("*/children"):
            found.extend(int(child) for child in children.read_text().split())
    return found


def status_kb(pid: int, field: str) -> int:
    """A size from /proc/PID/status, such as VmRSS (now) or VmHWM (at its highest)."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        name, _, value = line.partition(":")
        if name == field:
            return int(value.split()[0])
    raise LookupError(field)


def memory_kb(pids: list[int], field: str = "VmRSS") -> int:
    """The memory of all of them together."""
    return sum(status_kb(pid, field) for pid in pids)


def listening_ports(table: str) -> set[int]:
    """The ports that something listens on, from the text of /proc/net/tcp or tcp6."""
    ports = set()
    for row in table.splitlines()[1:]:
        fields = row.split()
        if fields[3] == LISTENS:
            ports.add(int(fields[1].rpartition(":")[2], 16))
    return ports


def listens(port: int) -> bool:
    """Whether anybody listens on that port; found out without connecting to it."""
    tables = [Path("/proc/net/tcp"), Path("/proc/net/tcp6")]
    return any(port in listening_ports(table.read_text()) for table in tables if table.exists())


def alive(pid: int) -> bool:
    """Whether there is such a process."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
