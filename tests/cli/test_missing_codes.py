"""`--missing` of score, answer and compare: rows of codes that are not finite."""

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import tinyvae as tv
from tinyvae.cli.commands import app
from tinyvae.errors import DataError
from tinyvae.from_arrays import representation_of

ROWS = 120
CODES = np.random.default_rng(0).normal(size=(ROWS, 2))
SIZE = CODES[:, 0] + 0.1
GAPPY = CODES.copy()
GAPPY[3, 0], GAPPY[5, 1], GAPPY[7, 0] = np.nan, np.inf, -np.inf
COUNTED = "left out: 3 of 120 rows, which lack a value of z0, z1."


def tinyvae(*arguments):
    runner = CliRunner(env={"COLUMNS": None})
    return runner.invoke(app, [*map(str, arguments)])


def table(path, codes, **labels):
    columns = {"z0": codes[:, 0], "z1": codes[:, 1], **labels}
    pd.DataFrame(columns).to_csv(path, index=False)
    return path


@pytest.fixture
def folder(tmp_path):
    table(tmp_path / "x.csv", GAPPY, size=SIZE)
    table(tmp_path / "y.csv", CODES[:, ::-1], size=SIZE)
    table(tmp_path / "codes.csv", GAPPY)
    pd.DataFrame({"size": SIZE}).to_csv(tmp_path / "labels.csv", index=False)
    np.savez(tmp_path / "x.npz", codes=GAPPY, factors=SIZE[:, None])
    np.savez(tmp_path / "alone.npz", codes=GAPPY)
    np.savez(tmp_path / "other.npz", codes=CODES)
    return tmp_path


FORMS = {
    "answer": [
        ["answer", "x.csv", "--codes", "z*"],
        ["answer", "x.npz"],
        ["answer", "codes.csv", "--codes", "z*", "--labels", "labels.csv"],
        ["answer", "alone.npz", "--labels", "labels.csv"],
    ],
    "score": [
        ["score", "x.csv", "--codes", "z*", "--factors", "size", "--only", "mig"],
        ["score", "x.npz", "--only", "mig"],
        ["score", "codes.csv", "--labels", "labels.csv", "--only", "mig"],
        ["score", "alone.npz", "--labels", "labels.csv", "--only", "mig"],
    ],
    "compare": [
        ["compare", "x.csv", "y.csv", "--codes", "z*", "--factors", "size"],
        ["compare", "alone.npz", "other.npz"],
    ],
}


@pytest.mark.parametrize(
    "arguments", [one for group in FORMS.values() for one in group]
)
def test_rows_of_codes_that_are_not_finite_are_left_out_and_counted(folder, arguments):
    paths = [folder / a if "." in a else a for a in arguments]
    if arguments[0] == "compare":
        paths += ["--only", "mig_nearest"] if "--codes" in paths else []
    done = tinyvae(*paths)
    assert done.exit_code != 0
    assert "--missing drop" in done.stderr
    done = tinyvae(*paths, "--missing", "drop")
    assert done.exit_code == 0, done.output
    assert "left out: 3 of 120 rows, which lack a value of" in done.stderr


def test_an_answer_with_rows_left_out_is_that_of_the_other_rows(folder):
    full = np.isfinite(GAPPY).all(axis=1)
    table(folder / "full.csv", GAPPY[full], size=SIZE[full])
    options = ["--codes", "z*", "--json"]
    dropped = tinyvae("answer", folder / "x.csv", *options, "--missing", "drop")
    assert dropped.stdout == tinyvae("answer", folder / "full.csv", *options).stdout
    assert COUNTED in dropped.stderr


def test_missing_labels_do_not_cost_an_answer_its_rows(folder):
    size = SIZE.copy()
    size[:20] = np.nan
    table(folder / "x.csv", GAPPY, size=size, other=CODES[:, 1])
    done = tinyvae("answer", folder / "x.csv", "--codes", "z*", "--missing", "drop")
    assert COUNTED in done.stderr
    assert "missing labels, of 117 rows: size 17" in done.stdout


def test_another_word_for_missing_is_refused(folder):
    done = tinyvae("answer", folder / "x.npz", "--missing", "skip")
    assert "expected fail or drop, got 'skip'" in done.stderr


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_python_is_told_what_python_can_do(value):
    codes = CODES.copy()
    codes[4, 1] = value
    expected = r"row 4 .*np.isfinite\(codes\).all\(axis=1\), then codes\[full\]"
    with pytest.raises(DataError, match=expected):
        representation_of(codes, SIZE[:, None])
    with pytest.raises(DataError, match=expected):
        tv.answer(codes, {"size": SIZE})


def test_a_file_that_is_compared_with_itself_is_said(folder):
    once = tinyvae(
        "compare", folder / "other.npz", folder / "alone.npz", "--missing", "drop"
    )
    assert "more than once" not in once.stderr
    twice = tinyvae("compare", folder / "other.npz", folder / "other.npz")
    assert twice.exit_code == 0, twice.output
    assert twice.stderr.count("is given more than once") == 1
