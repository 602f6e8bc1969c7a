"""Answers of several inputs as tables."""

import csv
import io
import json

import numpy as np
import pytest
from typer.testing import CliRunner

from tinyvae.answer import build_answer
from tinyvae.answer.tables import COLUMNS, AnswersOfInputs
from tinyvae.cli.commands import app
from tinyvae.files.result_tables import csv_text, latex_text, markdown_text
from tinyvae.from_arrays import representation_of

RNG = np.random.default_rng(10_000)
ANGLE = RNG.uniform(0, 2 * np.pi, 500)
SIZE = RNG.normal(size=500)
CODES = np.stack([np.cos(ANGLE), -SIZE, np.sin(ANGLE)], axis=1)
CODES += 0.02 * RNG.normal(size=CODES.shape)
FACTORS = np.stack([SIZE, ANGLE], axis=1)
NAMES, KINDS = ["cell_size", "hue"], ["ordered", f"circular:{2 * np.pi!r}"]
ANSWER = build_answer(representation_of(CODES, FACTORS, names=NAMES, kinds=KINDS))


def test_each_input_and_factor_has_a_row_with_the_numbers_of_the_answer():
    both = AnswersOfInputs(("one", "two"), (ANSWER, ANSWER))
    rows = list(csv.DictReader(io.StringIO(csv_text(both.data_table()))))
    assert [(row["input"], row["factor"]) for row in rows] == [
        (name, factor) for name in ("one", "two") for factor in NAMES
    ]
    assert tuple(rows[0]) == COLUMNS
    match = ANSWER.matches[0]
    assert (rows[0]["latent"], rows[0]["direction"]) == ("z1", "-")
    assert float(rows[0]["share"]) == pytest.approx(match.share, rel=1e-5)
    assert float(rows[0]["share_low"]) <= match.share <= float(rows[0]["share_high"])


def test_a_circle_has_both_its_latents_and_the_readout_of_the_pair():
    row = AnswersOfInputs(("one",), (ANSWER,)).data_table().rows[1]
    found = dict(zip(COLUMNS, row, strict=True))
    assert found["latent"] == "z0, z2"
    assert found["readout"] == ANSWER.matches[1].group_readout > 0.95


def test_a_paper_gets_the_matches_and_the_readout_of_each_latent():
    matches, readouts = AnswersOfInputs(("one",), (ANSWER,)).paper_tables()
    assert ANSWER.verdict in matches.caption
    assert [row[0] for row in readouts.rows] == ["z0", "z1", "z2"]
    np.testing.assert_array_equal([row[1:] for row in readouts.rows], ANSWER.readout)
    assert r"cell\_size" in latex_text(matches)
    assert r"cell\_size" in markdown_text(matches)


def test_inputs_without_an_answer_are_refused():
    with pytest.raises(ValueError, match="an answer for each of 2 inputs, got 1"):
        AnswersOfInputs(("one", "two"), (ANSWER,))


def test_the_command_writes_and_prints_several_inputs(tmp_path):
    for name in ("a", "b"):
        np.savez(
            tmp_path / f"{name}.npz",
            codes=CODES,
            factors=FACTORS,
            factor_names=NAMES,
            factor_kinds=KINDS,
        )
    paths = [str(tmp_path / "a.npz"), str(tmp_path / "b.npz")]
    table = tmp_path / "table.json"
    done = CliRunner().invoke(app, ["answer", *paths, "--to", str(table), "--json"])
    assert done.exit_code == 0, done.output
    printed = json.loads(done.stdout)["inputs"]
    assert [one["input"] for one in printed] == ["a.npz", "b.npz"]
    rows = json.loads(table.read_text())
    assert len(rows) == 4
    assert rows[3]["latent"] == "z0, z2"


def test_another_ending_is_refused_before_anything_is_read():
    done = CliRunner().invoke(app, ["answer", "absent.npz", "--to", "table.xlsx"])
    assert done.exit_code == 2
    assert "ends in .csv" in done.stderr
