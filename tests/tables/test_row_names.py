"""A first column without a name that only names the rows is no factor and no code."""

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from tinyvae.cli.commands import app
from tinyvae.files.codes import read_codes
from tinyvae.files.labelled_codes import read_labelled_codes
from tinyvae.frames.held import representation_of_held
from tinyvae.pictures.columns import table_source
from tinyvae.tables.labels import labels_of
from tinyvae.tables.reading import read_table
from tinyvae.tables.row_names import counts_from
from tinyvae.tables.rules import LabelRule

ROWS = 40
RNG = np.random.default_rng(0)
CODES = RNG.normal(size=(ROWS, 2))
FRAME = pd.DataFrame(
    {
        "z_0": CODES[:, 0],
        "z_1": CODES[:, 1],
        "size": CODES[:, 0],
        "phase": [*"GMSG"] * 10,
    }
)
INDICES = {
    "from 0": np.arange(ROWS),
    "from 1": np.arange(1, ROWS + 1),
    "of some rows": 3 * np.arange(ROWS) + 7,
    "shuffled": RNG.permutation(ROWS),
    "texts": [f"cell{row}" for row in range(ROWS)],
}


@pytest.fixture(params=INDICES)
def path(request, tmp_path):
    path = tmp_path / "x.csv"
    FRAME.set_index(pd.Index(INDICES[request.param])).to_csv(path)
    return path


def test_the_saved_index_is_left_out_and_said(path):
    table = read_table(path)
    assert table.row_names == "column 1"
    assert table.value_names == ["z_0", "z_1", "size", "phase"]
    [line] = [note.line() for note in table.notes if note.topic == "left out"]
    assert line.startswith(
        "left out: column 1, which has no name and names the rows (such as "
    )


def test_neither_codes_nor_factors_hold_the_index(path):
    found = read_codes(path, codes=["z_*", "*_1"], factors=["[!z]*"])
    assert found.num_latents == 2
    assert found.table.names == ("size", "phase")
    labels, _ = labels_of(read_table(path), LabelRule())
    assert [label.factor.name for label in labels][-2:] == ["size", "phase"]
    assert len(labels) == 4
    assert table_source(read_table(path)).notes[0].names == ("z_0", "z_1", "size")


def test_the_answer_says_so_in_one_line(path):
    runner = CliRunner(env={"COLUMNS": None})
    done = runner.invoke(app, ["answer", str(path), "--codes", "z_*"])
    assert done.exit_code == 0, done.output
    assert "column 1" not in done.stdout
    assert done.stderr.count("column 1, which has no name") == 1


def test_files_with_saved_indices_are_joined(path, tmp_path):
    codes = tmp_path / "codes.csv"
    FRAME[["z_0", "z_1"]].set_index(pd.read_csv(path, index_col=0).index).to_csv(codes)
    found = read_labelled_codes(
        codes, path, LabelRule(factors=("size",)), codes=["z_*"]
    )
    np.testing.assert_array_equal(found.table.values[:, 0], FRAME["size"])


def test_a_frame_that_was_saved_with_its_index_is_read_in_python(path):
    frame = pd.read_csv(path)
    found = representation_of_held(frame, codes="z_*")
    assert found.representation.table.names == ("size", "phase")
    assert sum("Unnamed: 0, which has no name" in note for note in found.notes) == 1


@pytest.mark.parametrize(
    "cells", [[0.5, 1.5], [1, 1], ["a", "a"], ["a", "1"], ["a", ""]]
)
def test_other_columns_without_a_name_stay(tmp_path, cells):
    path = tmp_path / "x.csv"
    path.write_text(f",z0\n{cells[0]},1\n{cells[1]},2\n")
    assert read_table(path).row_names is None


@pytest.mark.parametrize(
    ("cells", "first"),
    [
        (["0", "1"], 0),
        (["1", "2"], 1),
        (["1", None], None),
        (["2", "3"], None),
        ([], None),
    ],
)
def test_counting_is_the_same_in_texts_and_numbers(cells, first):
    assert counts_from(np.array(cells, object)) == first
    assert counts_from(np.array(cells, float)) == first
