"""Lines above the names of a table: the message says where the names are."""

import pytest

from tinyvae.errors import DataError
from tinyvae.tables.reading import read_table

NAMES = ["z0", "z1", "size"]
ROWS = [[f"{k}.5", str(k), str(k * k)] for k in range(12)]


def written(folder, lines, separator=",", rows=ROWS):
    path = folder / "x.csv"
    table = [separator.join(row) for row in [NAMES, *rows]]
    path.write_text("\n".join([*lines, *table]) + "\n")
    return path


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize(
    "lines",
    [
        ["Exported by CellProfiler", "2024-01-03", ""],
        ["Exported by CellProfiler"],
        ["", "Plate 7, well B2", ""],
        ['"Exported by CellProfiler"', '"2024-01-03, 12:00"'],
    ],
)
def test_the_line_of_names_is_named(tmp_path, lines, separator):
    path = written(tmp_path, lines, separator)
    first = 1 + next(place for place, line in enumerate(lines) if line)
    expected = rf"in line {first}, got .* line {len(lines) + 1} does \(z0, z1, size\)"
    with pytest.raises(DataError, match=expected):
        read_table(path)


def test_other_first_lines_are_read(tmp_path):
    r_names = [[f"r{k}", *row] for k, row in enumerate(ROWS)]
    for lines, rows in (
        ([], ROWS),
        (["# a comment"], ROWS),
        ([], r_names),
        ([""], ROWS),
    ):
        assert read_table(written(tmp_path, lines, rows=rows)).names[-3:] == NAMES


def test_a_single_column_of_texts_with_commas_is_no_preamble(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text('said\n"one, two"\n"three, four"\n')
    assert read_table(path).names == ["said"]
