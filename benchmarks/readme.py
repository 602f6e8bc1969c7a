"""Writes the tables of the studies into README.md, between their markers.

python benchmarks/readme.py
"""

from __future__ import annotations

import re
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
RECIPE = "annealed-tc"


def tables_of(markdown: str) -> list[str]:
    """The tables of a document; in one of `answers.py`, settings, and then factors."""
    return [part for part in markdown.split("\n\n") if part.startswith("|")]


def study_table(markdown: str) -> str:
    """A row for each objective of a study; the rows of ICA stay in the whole table."""
    header, _, *rows = (
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in tables_of(markdown)[0].splitlines()
    )
    first = next(k for k, name in enumerate(header) if name.startswith(ON_TARGET))
    found = []
    for row in rows:
        values = dict(zip(header, row, strict=True))
        if "ICA" in values["objective"]:
            continue
        picked = [
            next(v for name, v in values.items() if name.startswith(start))
            for start in COLUMNS
        ]
        found.append([label(values, header[2:first]), *picked])
    return markdown_table(("objective", *COLUMNS.values()), found)


def label(values: dict[str, str], weights: list[str]) -> str:
    """The objective of a row, and the settings in which rows differ."""
    name, started = values["objective"], int(values.get("members") or 1)
    if name == RECIPE:
        how = f"{started} VAEs start" if started > 1 else "one VAE starts"
        return f"the default, {name}: {how}"
    given = [f"{weight} {values[weight]}" for weight in weights if values[weight]]
    return ", ".join([name, *given])


def with_table(text: str, marker: str, table: str) -> str:
    """The text with a table between `<!-- marker:begin -->` and its end."""
    begin, end = f"<!-- {marker}:begin -->", f"<!-- {marker}:end -->"
    found = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    return found.sub(lambda _: f"{begin}\n{table.strip()}\n{end}", text)


def main() -> None:
    """Write all tables."""
    circles, found, coarse = (
        (RESULTS / f"{name}.md").read_text()
        for name in ("circles", "found_or_put_in", "coarse_to_fine")
    )
    text = with_table(README.read_text(), "circles", study_table(circles))
    text = with_table(text, "found", found)
    README.write_text(with_table(text, "coarse", tables_of(coarse)[1]))


if __name__ == "__main__":
    main()
