"""Writes the tables of the studies into README.md, between their markers.

python benchmarks/readme.py
"""

from __future__ import annotations

import re
from pathlib import Path

RESULTS = Path(__file__).parent / "results"
README = RESULTS.parent.parent / "README.md"
TABLES = {"question": "question.md", "found": "found_or_put_in.md"}


def with_table(text: str, marker: str, table: str) -> str:
    """The text with a table between `<!-- marker:begin -->` and its end."""
    begin, end = f"<!-- {marker}:begin -->", f"<!-- {marker}:end -->"
    found = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    return found.sub(lambda _: f"{begin}\n{table.strip()}\n{end}", text)


def main() -> None:
    """Write every table that has been measured."""
    text = README.read_text()
    for marker, name in TABLES.items():
        if (RESULTS / name).exists():
            text = with_table(text, marker, (RESULTS / name).read_text())
    README.write_text(text)


if __name__ == "__main__":
    main()
