"""What this process may use of the machine: cores and memory."""

from __future__ import annotations

import os
from pathlib import Path

UNKNOWN_BYTES = 2 * 2**30  # where the system does not say how much memory is free


def cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def free_memory() -> int:
    """Bytes of main memory that are free, within the limit of a container if any."""
    free = UNKNOWN_BYTES
    for line in _text("/proc/meminfo").splitlines():
        if line.startswith("MemAvailable:"):
            free = 1024 * int(line.split()[1])
    limit, used = (
        _text("/sys/fs/cgroup/memory.max"),
        _text("/sys/fs/cgroup/memory.current"),
    )
    if limit.strip().isdigit() and used.strip().isdigit():
        free = min(free, max(0, int(limit) - int(used)))
    return free


def _text(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except OSError:
        return ""
