"""What a search makes as large, or as small, as it can: one number of each member."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

from tinyvae.errors import ConfigError
from tinyvae.files.result_tables import Cell
from tinyvae.sweeps.agreement import udr_of_kept
from tinyvae.sweeps.reaching import bound_sign, reaches_all, seconds_of
from tinyvae.sweeps.report.measures import FACTS, Measure, measures_of
from tinyvae.sweeps.summary import Row, Setting, is_clear
from tinyvae.wording import counted, nearest

Direction = Literal["maximise", "minimise"]
DIRECTIONS = get_args(Direction)
UDR = "udr"
CLEAR_SHARE = "clear_share"
OF_FACTORS = ("share", "readout")  # columns of each factor that are numbers
CLEAR = Measure(
    CLEAR_SHARE, "share of seeds of which every factor is clear", "answer", best=1.0
)
MEASURES = {one.id: one for one in (*measures_of([*FACTS], [3]), CLEAR)}


@dataclass(frozen=True)
class Target:
    """A number of each member, whose mean over seeds is the value of a trial.

    `labels` says whether it compares codes with known factors, so that a search by it
    is a choice with labels. `factor` is the one that it is about, if it is about one.
    With `bounds` it is 1 for a member that reaches all of these values, else 0: at
    least each, or at most where lower is better.
    """

    name: str
    title: str
    maximise: bool
    labels: bool
    unit: str = ""
    factor: str | None = None
    bounds: Mapping[str, float] = field(default_factory=dict)

    @property
    def heading(self) -> str:
        """The title, or a short one, for tables and lists."""
        return "share on target" if self.bounds else self.title

    @property
    def direction(self) -> Direction:
        """Maximise or minimise."""
        return "maximise" if self.maximise else "minimise"

    @property
    def how_chosen(self) -> str:
        """`chosen with labels: smallest share`, or without."""
        return f"chosen {'with' if self.labels else 'without'} labels: {self.title}"

    def __str__(self) -> str:
        better = "more" if self.maximise else "less"
        unit = f" in {self.unit}" if self.unit else ""
        how = (
            "chosen with labels: it compares codes with the known factors"
            if self.labels
            else "chosen without labels: it needs no factor"
        )
        return f"{self.title}{unit}, {better} is better; {how}"


def target_of(name: str, direction: str | None = None) -> Target:
    """The target of this name: `elbo`, `smallest_share`, `mig`, `radius.share`.

    Spaces stand for underscores, and `scores.mig` for `mig`. Of
    `smallest_share=0.99,loss=20` it is the share of seeds that reach all of these: at
    least, or at most where lower is better.

    Raises: ConfigError if the name or the direction is unknown.
    """
    if not isinstance(name, str):
        raise ConfigError(f"search.target: expected a name, got {name!r}.")
    if direction is not None and _british(direction) not in DIRECTIONS:
        raise ConfigError(
            f"search.direction: expected {' or '.join(DIRECTIONS)}, got {direction!r}."
        )
    maximise = None if direction is None else _british(direction) == "maximise"
    if "=" in name:
        return _reached(name, maximise is not False)
    wanted = name.strip().removeprefix("scores.")
    factor, _, part = wanted.rpartition(".")
    if factor and part in OF_FACTORS:
        return Target(wanted, f"{part} of {factor}", maximise is not False, True,
                      factor=factor)  # fmt: skip
    found = MEASURES.get(wanted.lower().replace(" ", "_"))
    if found is None or found.id == "speed":
        known = [one for one in MEASURES if one != "speed"]
        raise ConfigError(
            f"search.target: expected one of {', '.join(known)}, or FACTOR.share or "
            f"FACTOR.readout of a factor, got {name!r}.{nearest(wanted, known)}"
        )
    return Target(
        found.id,
        found.title,
        found.higher if maximise is None else maximise,
        needs_labels(found),
        found.unit,
    )


def _reached(text: str, maximise: bool) -> Target:
    """The share of seeds that reach values, of `column=number,column=number`."""
    bounds: dict[str, float] = {}
    parts = []
    for part in text.split(","):
        name, _, value = part.partition("=")
        try:
            one, number = target_of(name), float(value)
        except ValueError as error:
            known = f" ({error})" if isinstance(error, ConfigError) else ""
            raise ConfigError(
                "search.target: expected column=number, or several between commas, "
                f"got {part.strip()!r}.{known}"
            ) from None
        if one.name in (UDR, CLEAR_SHARE):
            raise ConfigError(
                f"search.target: expected a value that each member has of its own, "
                f"got {one.name}."
            )
        bounds[one.name] = number
        parts.append(one)
    title = " and ".join(
        f"{one.title} {bound_sign(one.name)} {bounds[one.name]:g}" for one in parts
    )
    factor = next((one.factor for one in parts if one.factor), None)
    labels = any(one.labels for one in parts)
    name = ",".join(f"{column}={number!r}" for column, number in bounds.items())
    title = f"share of seeds with {title}"
    return Target(name, title, maximise, labels, factor=factor, bounds=bounds)


def needs_labels(measure: Measure) -> bool:
    """Whether a measure compares codes with known factors."""
    return measure.kind in ("answer", "score")


def _british(direction: object) -> str:
    return str(direction).lower().replace("ize", "ise")


def _reaches(row: Row, target: Target) -> float | None:
    if target.labels and not row["factors"]:
        return None
    return float(reaches_all(row, target.bounds))


def check_factors(target: Target, factors: Sequence[str], held_out: bool) -> None:
    """Refuse a target that pictures with these known factors cannot have.

    `held_out` says whether some pictures are never trained on.

    Raises: ConfigError.
    """
    if target.labels and not factors:
        raise ConfigError(
            f"search.target: expected one that needs no labels, such as elbo, got "
            f"{target.name}: no factor of these pictures is known."
        )
    if target.factor is not None and target.factor not in factors:
        raise ConfigError(
            f"search.target: expected a factor among {', '.join(factors)}, got "
            f"{target.factor!r}."
        )

    if target.name == "test_elbo" and not held_out:
        raise ConfigError(
            "search.target: expected elbo, got test_elbo: training draws from all of "
            "these pictures. For held-out ones set samples."
        )


def check_kept(target: Target, keep: str) -> None:
    """Refuse a target whose weights would not be kept.

    Raises: ConfigError.
    """
    if target.name == UDR and keep != "all":
        raise ConfigError(
            f"search.target: udr compares the weights of the seeds, got --keep {keep}. "
            "Add --keep all."
        )


def measured(
    target: Target, rows: Sequence[Row], folder: Path
) -> tuple[float | None, ...]:
    """The target of each member of one setting; None where it has none."""
    if target.name == UDR:
        agreement = udr_of_kept([Setting({}, tuple(rows))], folder)
        cells: list[Cell] = [agreement.get(row["identity"]) for row in rows]
    else:
        read = _reader(target)
        cells = [read(row) if row["state"] == "done" else None for row in rows]
    return tuple(None if cell is None else float(cell) for cell in cells)


def _reader(target: Target) -> Callable[[Row], Cell]:
    if target.bounds:
        return lambda row: _reaches(row, target)
    if target.name == CLEAR_SHARE:
        return lambda row: float(is_clear(row)) if row["factors"] else None
    if target.name == "seconds":
        return seconds_of
    return lambda row: row.get(target.name)


def why_none(
    target: Target, rows: Sequence[Row], targets: Sequence[float | None]
) -> str | None:
    """Why a trial with these members has no value; None if it has one.

    A mean over some of the seeds would favour settings that fail in the hard ones.
    """
    failed = [row for row in rows if row["state"] != "done"]
    if failed:
        first = failed[0]
        return (
            f"{len(failed)} of {counted(len(rows), 'seed')} failed: seed "
            f"{first['seed']}: {first['reason']}"
        )
    without = [
        str(row["seed"])
        for row, cell in zip(rows, targets, strict=True)
        if cell is None
    ]
    if without:
        return f"{target.title} is undefined for seed {', '.join(without)}"
    return None
