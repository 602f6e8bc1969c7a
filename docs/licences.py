"""Writes docs/licences.md: every package that tinyvae installs, and its licence.

The packages are those that tinyvae and its extras require, and what these require in
turn, as they are installed beside this script:

    make licences
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PAGE = Path(__file__).parent / "licences.md"
FOR_DEVELOPERS = {"dev", "docs"}
LONGEST = 60  # letters; a longer field of a package holds the text of its licence

INTRODUCTION = """\
# Licences

tinyvae has the [MIT licence](../LICENSE). These are the packages that it installs, with
the versions of `constraints.txt`, and the licence that each of them states. `make
licences` writes this page from their metadata.
"""


def required(
    package: Distribution, extras: frozenset[str]
) -> Iterator[tuple[str, frozenset[str]]]:
    """Names of the packages that a package requires here, each with its extras."""
    for line in package.requires or ():
        needed = Requirement(line)
        marker = needed.marker
        if marker is None or any(
            marker.evaluate({"extra": extra}) for extra in extras | {""}
        ):
            yield canonicalize_name(needed.name), frozenset(needed.extras)


def closure(extra: str = "") -> dict[str, Distribution]:
    """All packages that `tinyvae[extra]` installs, by name, without tinyvae."""
    waiting = [("tinyvae", frozenset({extra} - {""}))]
    seen, packages = set(), {}
    while waiting:
        one = waiting.pop()
        if one in seen:
            continue
        seen.add(one)
        package = packages[one[0]] = distribution(one[0])
        waiting += required(package, one[1])
    del packages["tinyvae"]
    return packages


def licence(package: Distribution) -> str:
    """The licence that a package states: an expression, a short text, or classifiers.

    Where it states none of these, it is the first line of the file of its licence.

    Raises:
        LookupError: If the package has no such file either.
    """
    metadata = package.metadata
    for field in ("License-Expression", "License"):
        for stated in metadata.get_all(field) or ():
            if len(stated) <= LONGEST and "\n" not in stated:
                return stated
    classified = [
        text.rpartition(" :: ")[2]
        for text in metadata.get_all("Classifier") or ()
        if text.startswith("License :: ") and text != "License :: OSI Approved"
    ]
    if classified:
        return ", ".join(classified)
    for file in package.files or ():
        if file.stem.upper() in ("LICENSE", "LICENCE", "COPYING"):
            return file.read_text(encoding="utf-8").split("\n")[0].strip()
    raise LookupError(f"expected a licence of {metadata['Name']}, got none")


def extras() -> list[str]:
    """Extras for users, in alphabetical order."""
    names = distribution("tinyvae").metadata.get_all("Provides-Extra") or []
    return sorted(set(names) - FOR_DEVELOPERS)


def table(packages: dict[str, Distribution]) -> list[str]:
    """A row for each package."""
    rows = ["| package | version | licence |", "|---|---|---|"]
    for name in sorted(packages):
        package = packages[name]
        rows.append(
            f"| {package.metadata['Name']} | {package.version} | {licence(package)} |"
        )
    return rows


def page() -> str:
    """The page: what tinyvae installs, then what each extra adds."""
    base = closure()
    parts = [INTRODUCTION, *table(base)]
    for extra in extras():
        try:
            packages = closure(extra)
        except PackageNotFoundError as error:
            raise SystemExit(
                f"expected all packages of tinyvae[{extra}], {error.name} is not "
                "installed. Run `make .venv/tested`."
            ) from error
        if added := {name: one for name, one in packages.items() if name not in base}:
            parts += ["", f"## tinyvae[{extra}]", "", *table(added)]
    return "\n".join(parts) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
