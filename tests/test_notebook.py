"""The notebooks run from top to bottom, here with short trainings."""

import functools
import json
import sys
import types
from pathlib import Path

import pytest

import tinyvae as tv

NOTEBOOKS = Path(__file__).parent.parent / "docs" / "notebooks"
MOST_BYTES = 300_000  # of a notebook with its outputs


@pytest.fixture
def run_notebook(tmp_path, monkeypatch):
    """(name) -> what its cells define; trainings without a length are short."""
    short = tv.TrainingConfig(steps=60, batch_size=32)
    monkeypatch.setattr(tv, "train", functools.partial(tv.train, training=short))
    monkeypatch.chdir(tmp_path)
    # every notebook has IPython; the tests do not need it
    display = types.SimpleNamespace(FileLink=Path, Image=Path)
    ipython = types.SimpleNamespace(version_info=(9, 0), display=display)
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    monkeypatch.setitem(sys.modules, "IPython.display", display)

    def run(name):
        names: dict[str, object] = {}
        for cell in json.loads((NOTEBOOKS / f"{name}.ipynb").read_text())["cells"]:
            if cell["cell_type"] == "code":
                exec("".join(cell["source"]), names)
        return names

    return run


def test_every_cell_of_the_main_job_runs(run_notebook, tmp_path):
    names = run_notebook("which_latent_is_which_factor")
    assert isinstance(names["run"], tv.Run)
    assert len(names["run"].members) == 4
    assert (tmp_path / "page.html").stat().st_size > 1e6


@pytest.mark.slow
def test_every_cell_of_own_pictures_runs(run_notebook, tmp_path):
    names = run_notebook("own_pictures")
    assert names["run"].answer.factors == ("digit", "ink")
    assert names["codes"].shape == (3, 6)
    assert (tmp_path / "traversals.png").exists()


def test_every_cell_of_own_codes_runs(run_notebook, tmp_path):
    names = run_notebook("own_codes")
    assert names["right_answer"].verdict == "yes, each"
    assert names["answer"].verdict != "yes, each"
    header = (tmp_path / "codes.csv").read_text().partition("\n")[0]
    assert header == "z0,z1,z2,radius,x,y"


@pytest.mark.slow
def test_every_cell_of_many_seeds_runs(run_notebook, tmp_path):
    table = run_notebook("many_seeds")["table"]
    assert table["state"] == ["done"] * 8
    assert (tmp_path / "seeds.png").exists()


def test_every_notebook_is_run_here_and_is_small():
    source = Path(__file__).read_text()
    for path in NOTEBOOKS.glob("*.ipynb"):
        assert f'run_notebook("{path.stem}")' in source, path.name
        assert path.stat().st_size < MOST_BYTES, path.name
