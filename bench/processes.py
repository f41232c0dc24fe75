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


def cpu_s(pids: list[int]) -> float:
    """Seconds of CPU that they have had, with their threads, to a hundredth."""
    ticks = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def busy_s(core: int, table: str) -> float:
    """Seconds for which a processor has not been idle, from the text of /proc/stat; stolen ones count."""
    for row in table.splitlines():
        name, *ticks = row.split()
        if name == f"cpu{core}":
            user, nice, system, _idle, _waiting, irq, softirq, steal, *_ = map(int, ticks)
            return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")
    raise LookupError(core)
