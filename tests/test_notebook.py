"""The notebook runs from top to bottom, here with short trainings."""

import functools
import json
import sys
import types
from pathlib import Path

import tinyvae as tv

NOTEBOOK = (
    Path(__file__).parent.parent
    / "docs"
    / "notebooks"
    / "which_latent_is_which_factor.ipynb"
)


def test_every_cell_of_the_notebook_runs(tmp_path, monkeypatch):
    short = tv.TrainingConfig(steps=60, batch_size=32)
    monkeypatch.setattr(tv, "train", functools.partial(tv.train, training=short))
    monkeypatch.chdir(tmp_path)
    # every notebook has IPython; the tests do not need it
    display = types.SimpleNamespace(FileLink=Path)
    ipython = types.SimpleNamespace(version_info=(9, 0), display=display)
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    monkeypatch.setitem(sys.modules, "IPython.display", display)
    names: dict[str, object] = {}
    for cell in json.loads(NOTEBOOK.read_text())["cells"]:
        if cell["cell_type"] == "code":
            exec("".join(cell["source"]), names)
    assert isinstance(names["run"], tv.Run)
    assert len(names["run"].members) == 4
    assert (tmp_path / "page.html").stat().st_size > 1e6
