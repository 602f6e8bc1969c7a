"""Writes docs/platforms.md: systems and Pythons for which all packages have wheels.

It asks pip for the pinned versions, installs nothing, and needs a network:

    make platforms
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "platforms.md"
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
LINUX = (
    "_2_28",
    "_2_27",
    "_2_24",
    "_2_17",
    "2014",
)  # versions of glibc, and of the form
SYSTEMS = {  # and the tags of wheels that pip takes there
    "Linux, x86-64": [f"manylinux{version}_x86_64" for version in LINUX],
    "Linux, ARM": [f"manylinux{version}_aarch64" for version in LINUX],
    "macOS 14, ARM": [f"macosx_{version}_0_arm64" for version in (14, 13, 12, 11)],
    "Windows, x86-64": ["win_amd64"],
}
FOR_DEVELOPERS = {"dev", "docs"}

PAGE_TEXT = """\
# Where it runs

- **Linux, Python 3.11**: every test, with the versions of `constraints.txt`.
- **Linux, Python 3.12, JAX 0.11.2, an NVIDIA GPU**: `doctor`, `train`, `sweep` and its
  table and report have been run once, from the wheel.
- **macOS, Windows, Python 3.13 and 3.14**: not run. Paths are `pathlib`'s, files of
  text are UTF-8, and what only Linux has (the cores that a process may use, free
  memory) has a substitute.

All packages exist there as wheels, so that nothing is compiled. `make platforms` asks
pip for the pinned versions and writes this table. *all* are tinyvae's own requirements
and those of every extra; otherwise the missing ones are named.

{table}

pip decides by the system that it runs on which packages only other systems need, so
those are not in the table.
"""


def missing(system: str, python: str, requirements: list[str]) -> str:
    """What pip says if a wheel is missing; nothing if all are there."""
    with tempfile.TemporaryDirectory() as folder:
        command = [
            sys.executable, "-m", "pip", "install", "--quiet", "--dry-run",
            "--target", folder, "--only-binary=:all:", "--python-version", python,
            *(f"--platform={tag}" for tag in SYSTEMS[system]),
            "--constraint", str(ROOT / "constraints.txt"), *requirements,
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stderr.strip().splitlines()[-1]


def main() -> None:
    """Ask for every system, Python and extra, and write the page."""
    with (ROOT / "pyproject.toml").open("rb") as stream:
        project = tomllib.load(stream)["project"]
    extras = {
        name: needed
        for name, needed in project["optional-dependencies"].items()
        if name not in FOR_DEVELOPERS and needed
    }
    groups = {"tinyvae": project["dependencies"], **extras}
    rows = [f"| system | {' | '.join(PYTHONS)} |", "|---" * (1 + len(PYTHONS)) + "|"]
    for system in SYSTEMS:
        cells = []
        for python in PYTHONS:
            bad = {
                name: reason
                for name, needed in groups.items()
                if (reason := missing(system, python, needed))
            }
            for name, reason in bad.items():
                print(f"{system}, Python {python}, {name}: {reason}", file=sys.stderr)
            cells.append("not " + ", ".join(bad) if bad else "all")
        rows.append(f"| {system} | " + " | ".join(cells) + " |")
    PAGE.write_text(PAGE_TEXT.format(table="\n".join(rows)), encoding="utf-8")


if __name__ == "__main__":
    main()
