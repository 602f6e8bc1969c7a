"""`tinyvae answer FILE`: AnnData, tables and arrays; and stored runs without JAX."""

import json
import os
import subprocess
import sys
import warnings

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from tinyvae.answer import build_answer
from tinyvae.cli.commands import app
from tinyvae.files.whole import write_json
from tinyvae.from_arrays import representation_of

ROWS = 200
RNG = np.random.default_rng(0)
SIZE, OTHER = RNG.normal(size=(2, ROWS))
DONOR = RNG.integers(0, 3, ROWS)
CODES = np.column_stack([OTHER, SIZE, DONOR + 0.05 * RNG.normal(size=ROWS)])
NAMES = [f"cell{row}" for row in range(ROWS)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("answers")
    size = SIZE.copy()
    size[:20] = np.nan
    obs = pd.DataFrame(
        {"size": size, "donor": pd.Categorical([f"d{d}" for d in DONOR])},
        index=pd.Index(NAMES),
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # anndata's own
        import anndata

        data = anndata.AnnData(np.zeros((ROWS, 2), np.float32), obs)
        data.obsm["X_scVI"] = CODES
        data.write_h5ad(folder / "cells.h5ad")
        data.obsm["X_pca"] = CODES[:, :2]
        data.write_h5ad(folder / "two.h5ad")
    columns = {f"z{j}": CODES[:, j] for j in range(3)}
    codes = pd.DataFrame({"id": NAMES, **columns})
    codes.to_parquet(folder / "codes.parquet")
    obs.rename_axis("id").iloc[::-1].to_csv(folder / "labels.csv")
    pd.DataFrame({**columns, "size": size, "donor": obs["donor"].to_numpy()}).to_csv(
        folder / "both.csv", index=False
    )
    np.savez(folder / "codes.npz", codes=CODES, factors=SIZE[:, None], names=NAMES)
    return folder


def tinyvae(*arguments):
    # without COLUMNS, the width of a terminal, lines are not wrapped
    runner = CliRunner(env={"COLUMNS": None})
    return runner.invoke(app, ["answer", *map(str, arguments)])


@pytest.mark.parametrize(
    "arguments",
    [
        ["cells.h5ad", "--codes", "X_scVI", "--factors", "size,donor"],
        ["cells.h5ad"],
        ["codes.parquet", "--codes", "z*", "--labels", "labels.csv", "--key", "id"],
        ["cells.h5ad", "--labels", "labels.csv", "--key", "id"],
        ["codes.npz", "--labels", "labels.csv", "--key", "id"],
        ["both.csv", "--codes", "z*", "--factors", "size,donor"],
        ["both.csv", "--factors", "size,donor"],
    ],
)
def test_every_form_gives_the_same_answer(folder, arguments):
    paths = [folder / a if "." in a and "*" not in a else a for a in arguments]
    done = tinyvae(*paths)
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("Which latent is which factor? yes, each\n")
    assert "z1 is size" in done.output
    assert "z2 is donor" in done.output
    assert "missing labels, of 200 rows: size 20" in done.output


def test_json_holds_names_of_levels_and_latents(folder):
    done = tinyvae(folder / "cells.h5ad", "--json")
    data = json.loads(done.output)
    assert data["factors"] == ["size", "donor"]
    assert [latent["name"] for latent in data["latents"]] == ["z0", "z1", "z2"]
    assert data["verdict"] == "yes, each"


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["two.h5ad"], 3, "there are X_pca, X_scVI. Name one: codes='X_pca'"),
        (["two.h5ad", "--codes", "X_umap"], 3, "among X_pca, X_scVI, got 'X_umap'"),
        (["cells.h5ad", "--factors", "siz"], 3, "among size, donor, got 'siz'"),
        (["absent.h5ad"], 3, "which does not exist"),
        (["absent.csv"], 3, "which does not exist"),
        (["labels.csv"], 3, "those that --codes names, such as --codes 'z*'"),
        (["both.csv", "--codes", "z*", "--key", "id"], 2, "expected --labels with it"),
        (["codes.npz", "--codes", "latent"], 3, "expected an array 'latent'"),
        (
            ["codes.parquet", "--codes", "z*", "--labels", "labels.csv", "--key", "no"],
            2,
            "key: expected a column of",
        ),
        (["codes.parquet", "--codes", "z*"], 3, "id is left out: 200 different texts"),
    ],
)
def test_what_is_missing_is_named(folder, arguments, code, message):
    paths = [folder / a if "." in a and "*" not in a else a for a in arguments]
    done = tinyvae(*paths)
    assert done.exit_code == code
    assert message in done.output


def test_a_file_that_is_no_anndata_is_refused(folder):
    (folder / "text.h5ad").write_text("no")
    done = tinyvae(folder / "text.h5ad")
    assert done.exit_code == 3
    assert "is not a file .h5ad" in done.output


def test_without_anndata_the_extra_is_named(folder, monkeypatch):
    monkeypatch.setitem(sys.modules, "anndata", None)
    done = tinyvae(folder / "cells.h5ad")
    assert done.exit_code == 3
    assert "pip install 'tinyvae[anndata]'" in done.output


def stored(folder):
    found = build_answer(representation_of(CODES, SIZE[:, None], names=["size"]))
    folder.mkdir(exist_ok=True)
    content = {"format": 2, **found.to_json(), "test": None, "members": []}
    write_json(folder / "answer.json", content)
    return found, content


def test_a_stored_answer_is_printed_as_it_was(tmp_path):
    found, content = stored(tmp_path / "run")
    assert tinyvae(tmp_path / "run").output == f"{found}\n"
    data = json.loads(tinyvae(tmp_path / "run", "--json").output)
    assert data == {key: value for key, value in content.items() if key != "format"}


def test_a_stored_answer_without_text_is_written_anew(tmp_path):
    found, content = stored(tmp_path / "run")
    del content["text"]
    write_json(tmp_path / "run" / "answer.json", content)
    assert tinyvae(tmp_path / "run").output == f"{found}\n"
    del content["share"]
    write_json(tmp_path / "run" / "answer.json", content)
    done = tinyvae(tmp_path / "run")
    assert done.exit_code == 3
    assert "answer.json is damaged: expected the key 'share'" in done.output


def test_a_run_knows_its_factors(tmp_path):
    stored(tmp_path / "run")
    done = tinyvae(tmp_path / "run", "--factors", "size")
    assert done.exit_code == 2
    assert "a run knows its factors" in done.output


def test_labels_in_another_order_are_joined_by_name_without_a_key(tmp_path):
    rng = np.random.default_rng(10_000)
    size, order = rng.normal(size=200), rng.permutation(200)
    rows = [f"p{row}.png" for row in range(200)]
    codes = pd.DataFrame({"file": rows, "z0": rng.normal(size=200), "z1": size})
    codes.to_csv(tmp_path / "codes.csv", index=False)
    labels = pd.DataFrame({"file": rows, "size": size}).iloc[order]
    labels.to_csv(tmp_path / "labels.csv", index=False)
    beside = ("--labels", tmp_path / "labels.csv")
    done = tinyvae(tmp_path / "codes.csv", "--codes", "z*", *beside)
    assert done.exit_code == 0, done.output
    assert "z1 is size" in done.output
    assert "whose column 'file' names them" in done.output


def test_a_stored_answer_needs_no_numpy(tmp_path):
    found, _ = stored(tmp_path / "run")
    code = (
        "import sys\nfrom tinyvae.cli.commands import app\n"
        "try: app(['answer', 'run'], prog_name='tinyvae')\n"
        "except SystemExit as end: assert not end.code\n"
        "assert not {'jax', 'numpy', 'scipy', 'matplotlib'} & set(sys.modules)\n"
    )
    # COLUMNS is the width of a terminal, to which lines are wrapped
    environment = {key: v for key, v in os.environ.items() if key != "COLUMNS"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=environment,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{found}\n"


@pytest.mark.parametrize("labels", [[], ["--labels", "labels.csv"]])
def test_score_reads_anndata_too(folder, labels):
    labels = [folder / a if "." in a else a for a in labels]
    options = ["--codes", "X_scVI", "--factors", "size,donor", *labels]
    runner = CliRunner(env={"COLUMNS": None})

    def run(command, *paths, then=()):
        return runner.invoke(app, [*map(str, [command, *paths, *options, *then])])

    only = ["--only", "mig_nearest", "--json"]
    done = run("score", folder / "cells.h5ad", then=only)
    assert "expected a value in column 'size'" in done.stderr
    done = run("score", folder / "cells.h5ad", then=[*only, "--missing", "drop"])
    assert done.exit_code == 0, done.output
    assert "left out: 20 of 200 rows, which lack a value of size." in done.stderr
    np.savez(
        folder / "full.npz",
        codes=CODES[20:],
        factors=np.c_[SIZE, DONOR][20:],
        factor_names=["size", "donor"],
        factor_kinds=["ordered", "categorical"],
    )
    other = runner.invoke(app, ["score", str(folder / "full.npz"), *only])
    scores = [json.loads(one.stdout)["scores"] for one in (done, other)]
    assert scores[0] == scores[1]


def test_compare_matches_cells_of_anndata_by_name(folder):
    import anndata

    data = anndata.read_h5ad(folder / "cells.h5ad")
    order = np.random.default_rng(1).permutation(ROWS)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        data[order].copy().write_h5ad(folder / "other.h5ad")
    paths = [str(folder / name) for name in ("cells.h5ad", "other.h5ad")]
    runner = CliRunner(env={"COLUMNS": None})
    options = ["--codes", "X_scVI", "--factors", "donor", "--only", "mig_nearest"]
    options.append("--json")
    done = runner.invoke(app, ["compare", *paths, *options])
    assert done.exit_code == 0, done.output
    recurring = json.loads(done.stdout)["recurring"]
    assert [one["similarity"] for one in recurring] == pytest.approx([1, 1, 1])


def test_kinds_of_labels_are_told_with_what_they_were_guessed_from(tmp_path):
    path = tmp_path / "codes.csv"
    angle = 360 * np.random.default_rng(0).random(60)
    codes = {"z0": np.cos(np.deg2rad(angle)), "z1": np.sin(np.deg2rad(angle))}
    words = np.where(angle > 180, "low", "high")
    pd.DataFrame({**codes, "angle": angle, "half": words}).to_csv(path, index=False)
    runner = CliRunner(env={"COLUMNS": None})
    said = runner.invoke(app, ["answer", str(path)]).stderr
    assert "labels: angle: ordered (numbers), " in said
    assert "labels: half: categorical (texts), 2 levels: high, low.\n" in said
    kinds = ["--kinds", "angle=circular:360"]
    said = runner.invoke(app, ["answer", str(path), *kinds]).stderr
    assert "labels: angle: circular (declared), " in said
