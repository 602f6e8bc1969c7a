"""Columns of a table chosen by their names, by patterns, or by lists of both."""

from __future__ import annotations

import csv
import fnmatch
import re
from collections import Counter
from collections.abc import Mapping, Sequence

from tinyvae.errors import DataError
from tinyvae.tables.table import NAME_COLUMN, names_listed


def listed(text: str, separator: str = ",") -> list[str]:
    """The entries of a list with commas; one in double quotes may hold commas.

    >>> listed('"size, um", z*')
    ['size, um', 'z*']
    """
    lines = csv.reader([text], delimiter=separator, skipinitialspace=True)
    entries = next(lines, [])
    return [entry.strip() for entry in entries if entry.strip()]


def kinds_listed(text: str) -> dict[str, str] | None:
    """The mapping of `shape=categorical,"a, b"=circular:360`; None if it is none.

    >>> kinds_listed('shape=categorical,"angle, deg"=circular:360')
    {'shape': 'categorical', 'angle, deg': 'circular:360'}
    """
    pairs = [entry.rpartition("=") for entry in listed(text)]
    if not pairs or not all(name.strip() and kind.strip() for name, _, kind in pairs):
        return None
    return {name.strip(): kind.strip() for name, _, kind in pairs}


def kinds_by_name(
    kinds: str | Sequence[str] | Mapping[str, str] | None, names: Sequence[str]
) -> dict[str, str]:
    """The declared kinds by name.

    Raises: DataError if one is of no factor, or their number differs.
    """
    if kinds is None:
        return {}
    if isinstance(kinds, str):
        return dict.fromkeys(names, kinds)
    if not isinstance(kinds, Mapping):
        if len(kinds) != len(names):
            raise DataError(
                f"expected {len(names)} kinds, one for each factor, got {kinds!r}."
            )
        return dict(zip(names, kinds, strict=True))
    if unknown := sorted(set(kinds) - set(names)):
        raise DataError(
            f"expected kinds of the factors {', '.join(names)}, got one of "
            f"{unknown[0]!r}."
        )
    return dict(kinds)


def chosen(
    what: str, names: Sequence[str], patterns: Sequence[str], role: str
) -> list[str]:
    """The columns of these names, or that match these patterns, in their order.

    A name that a column has is that column, whatever it would match as a pattern.

    Raises: DataError if one matches no column, or there is none.
    """
    found: list[str] = []
    for pattern in patterns:
        matching = [n for n in names if fnmatch.fnmatchcase(n, pattern)]
        matching = [pattern] if pattern in names else matching
        if not matching:
            raise DataError(
                f"{what}: expected columns of {role} among {names_listed(names)}, "
                f"got {pattern!r}.{_on_commas(names, pattern)}"
            )
        found += [name for name in matching if name not in found]
    if not found:
        example = _example(names, role)
        raise DataError(
            f"{what}: expected the names of the columns that hold {role}: "
            f"--{role} {example!r}. It has {names_listed(names)}."
        )
    return found


def _on_commas(names: Sequence[str], part: str) -> str:
    whole = next((n for n in names if "," in n and part in n.split(",")), None)
    if whole is None:
        return ""
    return f" Put a name with a comma into double quotes: '\"{whole}\"'."


def _example(names: Sequence[str], role: str) -> str:
    """Columns to propose: z0, z1 and the like for codes, others for factors."""
    starts = Counter(re.sub(r"\d+$", "", n) for n in names if re.search(r"\D\d+$", n))
    start, number = next(iter(starts.most_common(1)), ("", 0))
    latents = [n for n in names if re.fullmatch(rf"{re.escape(start)}\d+", n)]
    if role == "codes" and number > 1:
        return f"{start}*"
    others = [n for n in names if n not in latents and n != NAME_COLUMN] or names
    return ",".join(f'"{n}"' if "," in n else n for n in others[:2])
