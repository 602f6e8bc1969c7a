"""Shared by the benchmarks: description of the machine, medians, Markdown tables."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Iterable, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = ("tinyvae", "jax", "jaxlib", "equinox", "optax", "numpy", "scipy")
TICK_SECONDS = 1 / os.sysconf("SC_CLK_TCK")  # unit of /proc/stat


def describe_machine(packages: Iterable[str] = PACKAGES) -> str:
    """Processor, cores, memory, system and versions, as one Markdown paragraph."""
    versions = [f"{package} {package_version(package)}" for package in packages]
    parts = [
        f"{processor_name()}, {len(os.sched_getaffinity(0))} cores",
        f"{memory_gigabytes():.0f} GB of memory",
        f"{platform.system()} on {platform.machine()}",
        f"Python {platform.python_version()}",
        *versions,
    ]
    return "Machine: " + "; ".join(parts) + "."


def processor_name() -> str:
    """Model of the processor, with the vector units that matrix products use."""
    fields: dict[str, str] = {}
    cpuinfo = Path("/proc/cpuinfo")
    for line in cpuinfo.read_text().splitlines() if cpuinfo.exists() else ():
        name, _, value = line.partition(":")
        fields.setdefault(name.strip(), value.strip())
    flags = fields.get("flags", "").split()
    units = ("avx2", "avx512f", "avx512_bf16", "amx_bf16")
    present = [unit for unit in units if unit in flags]
    name = fields.get("model name") or platform.processor() or platform.machine()
    return f"{name} ({', '.join(present)})" if present else name


def memory_gigabytes() -> float:
    """Physical memory, in units of 2^30 bytes."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30


def package_version(package: str) -> str:
    """Installed version of a package, or `missing`."""
    try:
        return version(package)
    except PackageNotFoundError:
        return "missing"


class CoreWatch:
    """Measures the share of the cores' time that other processes took.

    On a shared machine a benchmark measures how well implementations share cores, not
    how fast they are: threads that spin while waiting may become a hundred times
    slower.
    """

    def __init__(self):
        self.start = self.readings()

    @staticmethod
    def readings() -> tuple[float, float, float]:
        """Seconds so far: on the clock, of busy cores, of this process and children."""
        times = os.times()
        own = sum(times[:4])
        stat = Path("/proc/stat")
        if not stat.exists():
            return time.perf_counter(), own, own
        fields = [int(value) for value in stat.read_text().split("\n")[0].split()[1:]]
        idle = fields[3] + fields[4]  # idle, and waiting for a disk
        busy = (sum(fields[:8]) - idle) * TICK_SECONDS  # the rest is counted twice
        return time.perf_counter(), busy, own

    def share_of_others(self) -> float:
        """Share of all cores' time that others took since the start, 0 to 1."""
        clock, busy, own = (
            now - then for now, then in zip(self.readings(), self.start, strict=True)
        )
        cores = os.cpu_count() or 1
        return min(1.0, max(0.0, busy - own) / (clock * cores))

    def sentence(self) -> str:
        """The share of others in words, with advice."""
        share = self.share_of_others()
        text = f"Other work took {100 * share:.0f} % of the cores' time meanwhile."
        if share > 0.05:
            text += " **Too much: measure again on a machine that does nothing else.**"
        return text


def markdown_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table whose first column is aligned left and the others right."""
    ruler = ["---", *("---:" for _ in header[1:])]
    return "\n".join("| " + " | ".join(row) + " |" for row in (header, ruler, *rows))


def thousands(number: float) -> str:
    """A whole number with spaces between its thousands.

    >>> thousands(1234567.8)
    '1 234 568'
    """
    return f"{number:,.0f}".replace(",", " ")


def publish(text: str, out: Path | None) -> None:
    """Print a report, and write it to a file if one is named."""
    print(text)
    if out is not None:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(text + "\n")
