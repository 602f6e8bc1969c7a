"""Writes the tables of the studies into README.md, between their markers.

python benchmarks/readme.py
"""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path

from answers import READOUT, SHARE
from machine import markdown_table

RESULTS = Path(__file__).parent / "results"
README = RESULTS.parent.parent / "README.md"
ON_TARGET = f"seeds with share >= {SHARE:g} and readout >= {READOUT:g}"
COLUMNS = {  # of a table of `answers.py`, and their names in README.md
    ON_TARGET: "seeds on target (95 % interval)",
    "worst share of a seed": "worst share of a seed: median (min to max)",
    "worst readout": "worst readout of a seed",
    "ELBO": "ELBO, nats",
}
RECIPE, PLAIN = "coarse-to-fine", "vae"
FOUR = ("annealed-tc", RECIPE)  # objectives whose runs begin with several VAEs
ELSEWHERE = (
    "world",
    "seeds on target (95 % interval)",
    "radius (of shapes: scale)",
    "x",
    "y",
    "ELBO, nats",
    "ELBO of a plain VAE",
)
PLACES = "there are places (`translated`)"
ROOM = "the room for places may differ (`translated --room`)"
PAIRS = "pairs differ in one factor (`ada-gvae`)"
PARTS = "pictures are sums of parts (`additive`)"
OF_SHAPES = ("scale", "x", "y", "shape", "rotation")
OBJECTIVES = (
    "objective",
    "told",
    "circles: clear seeds",
    "worst share: median (min to max)",
    "ELBO, nats",
    f"shapes: seeds in which {', '.join(OF_SHAPES)} are clear",
    "ELBO on shapes",
)
TOLD = (
    "circles",
    "told",
    "seeds on target (95 % interval)",
    "relative to the room",
    "radius",
    "x",
    "y",
    "ELBO, nats",
)


def tables_of(markdown: str) -> list[str]:
    """The tables of a document; in one of `answers.py`, settings, and then factors."""
    return [part for part in markdown.split("\n\n") if part.startswith("|")]


def rows_of(table: str) -> list[dict[str, str]]:
    """The rows of a Markdown table, by the names of its columns."""
    header, _, *rows = (
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in table.splitlines()
    )
    return [dict(zip(header, row, strict=True)) for row in rows]


def value_of(row: dict[str, str], start: str) -> str:
    """The value of the column whose name begins like this; `-` without one."""
    return next((value for name, value in row.items() if name.startswith(start)), "-")


def study_table(markdown: str, default: str) -> str:
    """A row for each objective of a study; the rows of ICA stay in the whole table.

    The default and the plain VAE have a study of their own, and its rows come first.
    """
    first, others = (
        [row for row in rows_of(tables_of(text)[0]) if not is_ica(row)]
        for text in (default, markdown)
    )
    again = {row["objective"] for row in first}
    rows = [*first, *(row for row in others if row["objective"] not in again)]
    found = [[label(row), *(value_of(row, start) for start in COLUMNS)] for row in rows]
    return markdown_table(("objective", *COLUMNS.values()), found)


def is_ica(row: dict[str, str]) -> bool:
    """Whether a row tells of codes after ICA."""
    return "ICA" in row["objective"]


def label(row: dict[str, str]) -> str:
    """The objective of a row, and the settings in which rows differ."""
    name, started = row["objective"], int(row.get("members") or 1)
    if name in FOUR:
        how = f"{started} VAEs start" if started > 1 else "one VAE starts"
        return f"{'the default, ' if name == RECIPE else ''}{name}: {how}"
    columns = list(row)
    first = next(k for k, column in enumerate(columns) if column.startswith(ON_TARGET))
    weights = [name for name in columns[1:first] if name != "members" and row[name]]
    given = [f"{weight.replace('_', ' ')} {row[weight]}" for weight in weights]
    return ", ".join([name, *given])


def elsewhere_table(markdown: str) -> str:
    """A row for each world: what the recipe finds, and the ELBO of a plain VAE."""
    whole, by_factor = (rows_of(table) for table in tables_of(markdown)[:2])
    factors = {(world_of(row), row["objective"]): row for row in by_factor}
    rows = {(world_of(row), row["objective"]): row for row in whole if not is_ica(row)}
    found = []
    for (world, objective), row in rows.items():
        if objective != RECIPE:
            continue
        each, plain = factors[world, objective], rows.get((world, PLAIN))
        name = "scale" if row.get("world") == "shapes" else "radius"
        shares = [value_of(each, f"{factor}: ") for factor in (name, "x", "y")]
        elbos = [value_of(one, "ELBO") if one else "-" for one in (row, plain)]
        found.append([world, value_of(row, ON_TARGET), *shares, *elbos])
    return markdown_table(ELSEWHERE, found)


def told_table(markdown: str, told: str = PLACES) -> str:
    """A row for each layout and each hint: what is found with it.

    `told` is the hint of the network, which is the same in all rows.
    """
    whole, by_factor = (rows_of(table) for table in tables_of(markdown)[:2])
    factors = {hint_of(row, told): row for row in by_factor}
    found = []
    for row in whole:
        if is_ica(row):
            continue
        layout, hint = hint_of(row, told)
        each = factors[layout, hint]
        shares = [value_of(each, f"{factor}: ") for factor in ("radius", "x", "y")]
        on_target = [
            value_of(row, ON_TARGET),
            value_of(row, "on target in independent"),
        ]
        found.append([f"`{layout}`", hint, *on_target, *shares, value_of(row, "ELBO")])
    return markdown_table(TOLD, sorted(found))


def hint_of(row: dict[str, str], told: str) -> tuple[str, str]:
    """The layout of a row, and what the network or the objective was told about it."""
    if row["objective"] == RECIPE:
        return row.get("layout", "inside"), told
    return row.get("layout", "inside"), f"{PAIRS}; {started(row)}"


def started(row: dict[str, str]) -> str:
    """With how many VAEs the runs of a row began."""
    return "one VAE" if row["members"] == "1" else f"best of {row['members']} VAEs"


def objectives_table(markdown: str) -> str:
    """A row for each objective: what is clear on circles, and on shapes."""
    whole, by_factor, scores = (rows_of(table) for table in tables_of(markdown))
    whole = [row for row in whole if not is_ica(row)]
    found: dict[tuple[str, str], dict[str, list[str]]] = {}
    for row, factors, means in zip(whole, by_factor, scores, strict=True):
        if row["world"] == "circles":
            values = [means["clear"], value_of(row, "worst share of a seed")]
        else:
            each = [value_of(factors, f"{name}: ") for name in OF_SHAPES]
            values = [", ".join(cell.split(" ")[0] for cell in each)]
        elbo = value_of(row, "ELBO").split(" ")[0]
        if row["likelihood"] == "gaussian":  # densities, not probabilities
            elbo = "-"
        found.setdefault(named_objective(row), {})[row["world"]] = [*values, elbo]
    rows = [
        [*name, *of.get("circles", ["-"] * 3), *of.get("shapes", ["-"] * 2)]
        for name, of in found.items()
    ]
    return markdown_table(OBJECTIVES, rows)


def named_objective(row: dict[str, str]) -> tuple[str, str]:
    """An objective with what sets it apart, and what it was told."""
    name, base = row["objective"], row["base"]
    if row["network"] == "additive":
        return f"{name}, {row['likelihood']}", PARTS
    if base:
        return f"{name}, base {base}", f"labels of {row['labelled']} pictures"
    if name == "qlae":
        return f"{name}, quantisation {row['quantisation']}", "-"
    if row["num_pictures"]:
        return f"{name}, stratified", "-"
    told = "pairs differ in one factor" if name.startswith("ada-") else "-"
    return name if row["members"] == "1" else f"{name}, {started(row)}", told


def rivals_table(markdown: str) -> str:
    """A row for each world and a column for each objective: seeds on target, share."""
    found: dict[str, dict[str, str]] = {}
    for row in rows_of(tables_of(markdown)[0]):
        if not is_ica(row):
            name = row["objective"]
            if name == "qlae":
                name = f"{name}, quantisation {row['quantisation']}"
            on_target = value_of(row, ON_TARGET).split(" (")[0]
            share = value_of(row, "worst share of a seed").split(" (")[0]
            found.setdefault(world_of(row), {})[name] = f"{on_target}; {share}"
    names = list(dict.fromkeys(name for of in found.values() for name in of))
    rows = [[world, *(of.get(n, "-") for n in names)] for world, of in found.items()]
    return markdown_table(["world", *names], rows)


def world_of(row: dict[str, str]) -> str:
    """A world in words: what differs from the default circles."""
    if row.get("world") == "shapes":
        return "a disc of `shapes`"
    layout = row.get("layout", "margin")
    layout = "" if layout == "margin" else f"`{layout}`, "
    low, high = row["radius"].strip("[]").split(", ")
    return f"{layout}size {row['size']}, radius {low} to {high}"


def with_table(text: str, marker: str, table: str) -> str:
    """The text with a table between `<!-- marker:begin -->` and its end."""
    begin, end = f"<!-- {marker}:begin -->", f"<!-- {marker}:end -->"
    found = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    return found.sub(lambda _: f"{begin}\n{table.strip()}\n{end}", text)


def main() -> None:
    """Write all tables."""
    text = README.read_text()
    default = (RESULTS / "default.md").read_text()
    tables = {
        "circles": partial(study_table, default=default),
        "objectives": objectives_table,
        "elsewhere": elsewhere_table,
        "large": elsewhere_table,
        "told": told_table,
        "room": partial(told_table, told=ROOM),
        "rivals": rivals_table,
    }
    for name, table in tables.items():
        text = with_table(text, name, table((RESULTS / f"{name}.md").read_text()))
    README.write_text(text)


if __name__ == "__main__":
    main()
