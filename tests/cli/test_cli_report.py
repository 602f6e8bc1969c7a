"""`tinyvae score` and `compare` as a reader sees them, and what they write."""

import contextlib
import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import tinyvae
import tinyvae as tv
from tinyvae.cli.commands import app
from tinyvae.cli.compare import spread_out
from tinyvae.cli.score_results import names_of_inputs
from tinyvae.cli.waiting import waiting
from tinyvae.cli.wrapping import wrapped

FOUR = ("share", "MIG, nearest neighbours", "DCI disentanglement", "InfoE")


def run(*arguments, cwd: Path, columns: int | None = 80):
    """The command within this process; its output is no terminal."""
    environment = {
        "NO_COLOR": "1",
        "COLUMNS": None if columns is None else str(columns),
    }
    with contextlib.chdir(cwd):
        return CliRunner().invoke(app, [*map(str, arguments)], env=environment)


def rows_of(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text())))


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Codes of the same rows by three models, with and without factors."""
    folder = tmp_path_factory.mktemp("codes")
    rng = np.random.default_rng(0)
    factors = rng.uniform(size=(300, 2))
    for number in range(3):
        codes = factors[:, ::-1] + 0.03 * rng.normal(size=factors.shape)
        names = {"factors": factors, "factor_names": ["size_a", "x"]}
        np.savez(folder / f"seed{number}.npz", codes=codes, **names)
        np.savez(folder / f"alone{number}.npz", codes=codes)
        worse = codes + 0.2 * rng.normal(size=codes.shape)
        np.savez(folder / f"worse{number}.npz", codes=worse, **names)
    return folder


def test_version_is_printed(tmp_path):
    done = run("--version", cwd=tmp_path)
    assert (done.exit_code, done.stdout) == (0, f"tinyvae {tinyvae.__version__}\n")


@pytest.mark.parametrize("columns", [60, 80, 200])
def test_lines_keep_to_the_width_and_four_scores_are_marked(folder, columns):
    done = run("score", "seed0.npz", cwd=folder, columns=columns)
    assert done.exit_code == 0, done.stderr
    lines = done.stdout.splitlines()
    assert max(map(len, lines)) <= columns
    table = lines[lines.index(next(x for x in lines if x.startswith("  score "))) :]
    marked = [line for line in table if line.startswith("* ")][:4]
    for title, line in zip(FOUR, marked, strict=True):
        assert line[2:].startswith(title[:26].rstrip(", "))
    assert "perfect  chance" in table[0]
    assert "For a paper, add --intervals 100" in done.stdout


def test_a_pipe_gets_one_line_for_each_score(folder):
    done = run("score", "seed0.npz", "--only", "sap,irs", cwd=folder, columns=None)
    lines = done.stdout.splitlines()
    assert lines[2].startswith("  SAP  ")
    assert "size_a 0." in lines[2]
    assert lines[3].startswith("  IRS  ")


def test_several_inputs_make_one_table_with_stable_ids(folder):
    inputs = ("seed0.npz", "worse1.npz")
    only = ("--only", "mig_nearest,dci", "--intervals", 3)
    done = run("score", *inputs, *only, "--to", "t.csv", cwd=folder)
    assert done.exit_code == 0, done.stderr
    # with intervals, the two columns do not fit beside one another
    assert done.stdout.count("* MIG, nearest neighbours") == 2
    rows = rows_of(folder / "t.csv")
    assert [row["input"] for row in rows] == ["seed0.npz"] * 4 + ["worse1.npz"] * 4
    assert [row["id"] for row in rows[:4]] == [
        "mig_nearest", "dci_disentanglement", "dci_completeness", "dci_informativeness",
    ]  # fmt: skip
    for row in rows:  # DCI of few rows has no interval
        ends = [row["low"], row["high"]]
        if row["id"].startswith("dci"):
            assert ends == ["", ""]
        else:
            assert float(ends[0]) <= float(ends[1])
    found = json.loads(
        run("score", *inputs, "--only", "sap", "--json", cwd=folder).stdout
    )
    ids = [(one["input"], one["scores"][0]["id"]) for one in found["inputs"]]
    assert ids == [("seed0.npz", "sap"), ("worse1.npz", "sap")]
    assert found["inputs"][0]["scores"][0]["best"] == 1


def test_tex_and_md_have_a_column_for_each_input(folder):
    inputs = ("seed0.npz", "worse1.npz")
    for ending, names in (("tex", "seed0.npz & worse1.npz"), ("md", "| worse1.npz |")):
        to = ("--only", "sap", "--to", f"t.{ending}")
        done = run("score", *inputs, *to, cwd=folder)
        assert done.exit_code == 0, done.stderr
        assert names in (folder / f"t.{ending}").read_text()


def test_compare_says_what_recurs_and_tests_two_sets(folder):
    first = [f"seed{number}.npz" for number in range(3)]
    second = [f"worse{number}.npz" for number in range(3)]
    only = ("--only", "share", "--to", "c.csv")
    done = run("compare", *first, "--against", *second, *only, cwd=folder)
    assert done.exit_code == 0, done.stderr
    text = " ".join(done.stdout.split())
    assert "recurs in all 3 models" in text
    assert "UDR 0." in text
    assert "share is 0." in text
    assert "0.25 is the least that so many allow" in text
    rows = rows_of(folder / "c.csv")
    assert [row["table"] for row in rows] == ["latent", "latent", "score", "score"]
    assert {rows[0]["name"], rows[1]["name"]} == {"size_a", "x"}


def test_compare_needs_neither_factors_nor_jax(folder):
    code = (
        "import sys\nfrom tinyvae.cli.commands import app\n"
        "try: app(['compare', 'alone0.npz', 'alone1.npz'])\n"
        "except SystemExit as end: assert not end.code\n"
        "assert 'jax' not in sys.modules\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=folder
    )
    assert done.returncode == 0, done.stderr
    assert "recurs in both models" in " ".join(done.stdout.split())
    assert "total correlation of codes" in done.stdout


def test_compare_refuses_other_rows(folder):
    np.savez(folder / "fewer.npz", codes=np.load(folder / "alone0.npz")["codes"][1:])
    done = run("compare", "alone0.npz", "fewer.npz", cwd=folder)
    assert done.exit_code == 3
    assert "got 300 rows in alone0.npz and 299 in fewer.npz" in done.stderr


def test_every_path_after_against_belongs_to_the_second_set():
    given = ["a", "b", "--against", "c", "d", "--only", "mig", "--json"]
    assert spread_out(given) == [
        "a", "b", "--against", "c", "--against", "d", "--only", "mig", "--json",
    ]  # fmt: skip
    assert spread_out(["a", "--against=c*"]) == ["a", "--against=c*"]


def test_inputs_are_named_by_their_last_part_unless_it_repeats():
    paths = [Path("runs/a"), Path("b.npz"), Path("other/a")]
    assert names_of_inputs(paths) == ["runs/a", "b.npz", "other/a"]


def test_wrapping_keeps_short_lines_and_every_word():
    text = "a short line\n    " + "many words " * 20
    lines = wrapped(text, 40).splitlines()
    assert lines[0] == "a short line"
    assert max(map(len, lines)) <= 40
    assert " ".join(text.split()) == " ".join(" ".join(lines).split())


def test_progress_is_silent_at_first_and_then_says_what_is_done(capsys, monkeypatch):
    clock = iter([0.0, 1.0, 3.0, 4.0, 9.5])
    monkeypatch.setattr("tinyvae.cli.waiting.time.perf_counter", lambda: next(clock))
    with waiting(4) as watch:
        for step in ("mig", "sap", "dci", "irs"):
            watch(step)
    said = capsys.readouterr().err.splitlines()
    assert said == ["sap (1 of 4 done, 3 s)", "irs (3 of 4 done, 10 s)"]


HELP = {
    "pairs": (tv.AdaGVAE(), tv.FullyConnected((8,), latents=3)),
    "labels of 10 pictures": (
        tv.SemiSupervised(labelled=10),
        tv.FullyConnected((8,), latents=3),
    ),
    "there are places, and the room for them may differ": (
        tv.ELBO(),
        tv.Translated((8,), room=True),
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("said", HELP)
def test_every_command_says_what_training_saw_or_was_told(said, tmp_path):
    objective, network = HELP[said]
    short = tv.TrainingConfig(steps=3, batch_size=8)
    made = tv.train(
        tv.Circles(8), objective, network=network, training=short, members=1
    )
    tv.save_run(made, tmp_path / "helped")
    tv.save_run(made, tmp_path / "again")
    answered = run("answer", "helped", cwd=tmp_path, columns=None)
    assert answered.stdout == f"{made}\n"
    commands = [
        ["answer", "helped", "--to", "answers.md"],
        ["answer", "helped", "again"],
        ["score", "helped", "--only", "mig", "--to", "scores.csv"],
        ["compare", "helped", "again", "--only", "mig", "--to", "both.csv"],
    ]
    for command in commands:
        done = run(*command, cwd=tmp_path, columns=None)
        assert done.exit_code == 0, done.stderr
        assert said in done.stdout.replace("\n", " "), command
    for name in ("answers.md", "scores.csv"):
        assert said in (tmp_path / name).read_text(), name
