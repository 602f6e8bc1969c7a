"""What the benchmarks share: the machine in words, medians, and tables in Markdown."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path


def machine_description(packages: Iterable[str]) -> str:
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


def markdown_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table whose first column is aligned left and the others right."""
    ruler = ["---", *("---:" for _ in header[1:])]
    return "\n".join("| " + " | ".join(row) + " |" for row in (header, ruler, *rows))


def thousands(number: float) -> str:
    """A whole number with its thousands set apart by spaces.

    >>> thousands(1234567.8)
    '1 234 568'
    """
    return f"{number:,.0f}".replace(",", " ")


def publish(text: str, out: Path | None) -> None:
    """Print a report, and keep it in a file if one is named."""
    print(text)
    if out is not None:
        out.write_text(text + "\n")
