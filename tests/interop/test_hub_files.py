"""Folders of shared runs: what is in them, and what is refused in those of others."""

import json
import os
import pickle
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
from hub_runs import run_of
from safetensors.numpy import load_file, save_file

import tinyvae as tv
from tinyvae.errors import ConfigError, RunFolderError
from tinyvae.interop import hub_files
from tinyvae.interop.hub_files import without_places

FORMAT_1 = Path(__file__).parents[1] / "runs" / "format_1"  # a run of three latents


@pytest.fixture(scope="module")
def shared(small_run, tmp_path_factory):
    folder = tmp_path_factory.mktemp("shared") / "run"
    small_run.save_pretrained(folder)
    return folder


@pytest.fixture
def folder(shared, tmp_path):
    """A copy to be spoilt."""
    return Path(shutil.copytree(shared, tmp_path / "run"))


def edit(path, change):
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))


def test_the_folder_gives_the_same_codes(shared, small_run, small_images):
    back = tv.from_pretrained(shared)
    codes = small_run.encode(small_images)
    np.testing.assert_array_equal(back.encode(small_images), codes)
    np.testing.assert_array_equal(back.decode(codes), small_run.decode(codes))
    assert str(tv.load_run(shared)) == str(small_run)


def test_it_may_be_saved_again_but_not_over_anything_else(small_run, tmp_path):
    small_run.save_pretrained(tmp_path / "a")
    small_run.save_pretrained(tmp_path / "a", license="mit")
    tv.save_run(small_run, tmp_path / "mine")
    (tmp_path / "file").write_text("")
    with pytest.raises(RunFolderError, match="shared from a folder of its own"):
        small_run.save_pretrained(tmp_path / "mine")
    with pytest.raises(RunFolderError, match="got the file"):
        small_run.save_pretrained(tmp_path / "file")
    with pytest.raises(ConfigError, match="such as mit.* got 'The MIT license'"):
        small_run.save_pretrained(tmp_path / "b", license="The MIT license")
    with pytest.raises(ConfigError, match="no revision of a folder"):
        tv.from_pretrained(tmp_path / "a", revision="main")


def other_shape(folder):
    arrays = load_file(folder / "model.safetensors")
    name = next(name for name in arrays if arrays[name].ndim == 2)
    arrays[name] = np.ascontiguousarray(arrays[name].T)
    save_file(arrays, folder / "model.safetensors")


def other_names(folder):
    arrays = load_file(folder / "model.safetensors")
    save_file({**arrays, "more": np.zeros(3)}, folder / "model.safetensors")


def other_type(folder):
    arrays = load_file(folder / "model.safetensors")
    halves = {name: array.astype(np.float64) for name, array in arrays.items()}
    save_file(halves, folder / "model.safetensors")


def pickled(folder):
    arrays = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").write_bytes(pickle.dumps(arrays))


def cut(folder):
    content = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(content[:-10])


def network(**settings):
    return lambda folder: edit(
        folder / "config.json", lambda config: config["network"].update(settings)
    )


def nested(folder):
    (folder / "config.json").write_text("[" * 100_000)


def without_answer(folder):
    (folder / "answer.json").unlink()


def control_characters(folder):
    notes = {"notes": ["\x1b[2J all is well"]}
    edit(folder / "answer.json", lambda answer: answer.update(notes))


def answer_of_more_latents(folder):
    shutil.copy(FORMAT_1 / "answer.json", folder)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (other_shape, "does not fit config.json: expected .* of shape"),
        (other_names, "does not fit config.json: expected .* arrays"),
        (other_type, "float64"),
        (pickled, "expected safetensors"),
        (cut, "expected safetensors"),
        (network(hidden=[9]), "does not fit config.json"),
        (network(hidden=[2**40]), "does not fit config.json"),
        (network(hidden=[2**70]), "does not fit config.json"),
        (network(hidden=[8] * 50), "does not fit config.json: expected 204 arrays"),
        (network(hiden=[8]), "unknown setting"),
        (network(kind="os:system"), "network"),
        (nested, "damaged"),
        (without_answer, "not a finished run"),
        (control_characters, r"control character '.{2,3}u001b' in one"),
        (answer_of_more_latents, "expected an answer of 2 latents, got 3"),
    ],
)
def test_files_that_do_not_fit_are_refused(folder, spoil, message):
    spoil(folder)
    with pytest.raises(RunFolderError, match=message):
        tv.from_pretrained(folder)


def test_large_files_are_not_read(folder, monkeypatch):
    monkeypatch.setitem(hub_files.LARGEST, "answer.json", 100)
    with pytest.raises(RunFolderError, match="answer.json of at most 0 MB"):
        tv.from_pretrained(folder)


OWN = """
from dataclasses import dataclass
from typing import ClassVar
from pathlib import Path
from tinyvae.objectives import Needs
from tinyvae.objectives.objective import traceable

Path("imported").touch()

@traceable
@dataclass(frozen=True)
class Mine:
    needs: ClassVar[Needs] = Needs()
    title: ClassVar[str] = "mine"

    def selection_window(self):
        return (0.4, 0.5)

    def loss(self, model, batch, progress, *, key):
        raise NotImplementedError
"""


@pytest.mark.parametrize("as_text", [True, False])
def test_code_runs_only_where_that_is_asked(folder, tmp_path, monkeypatch, as_text):
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "module_of_hub.py").write_text(OWN)
    kind = "module_of_hub:Mine"
    objective = kind if as_text else {"kind": kind}
    edit(folder / "config.json", lambda config: config.update(objective=objective))
    with pytest.raises(ConfigError, match="imports module_of_hub from this computer"):
        tv.from_pretrained(folder)
    assert not Path("imported").exists()
    assert "module_of_hub" not in sys.modules
    before = list(sys.path)
    back = tv.from_pretrained(folder, import_own_classes=True)
    assert Path("imported").exists()
    assert back.config.objective.kind == kind
    back.save_pretrained(tmp_path / "again")
    card = (tmp_path / "again" / "README.md").read_text()
    assert 'tv.from_pretrained("again", import_own_classes=True)' in card
    sys.path[:] = before
    sys.modules.pop("module_of_hub")


@pytest.fixture(scope="module")
def faces(tmp_path_factory):
    """A run on pictures and labels in files, and the folder of both."""
    place = tmp_path_factory.mktemp("private") / "patients"
    place.mkdir()
    rng = np.random.default_rng(10_000)
    images = rng.integers(0, 256, (30, 6, 6), dtype=np.uint8)
    np.savez(place / "faces.npz", images=images)
    ages = "".join(f"{age}\n" for age in rng.normal(40, 9, 30).round(2))
    (place / "ages.csv").write_text("age\n" + ages)
    run = run_of(tv.Pictures(str(place / "faces.npz"), str(place / "ages.csv")))
    return run, place, images


def test_own_pictures_and_their_places_stay_here(faces, tmp_path):
    run, place, images = faces
    run.save_pretrained(tmp_path / "shared")
    assert not any("picture" in name for name in os.listdir(tmp_path / "shared"))
    for path in (tmp_path / "shared").iterdir():
        content = path.read_bytes()
        for private in (place, place.parent, Path.home(), Path.cwd()):
            assert str(private).encode() not in content, (path, private)
    back = tv.from_pretrained(tmp_path / "shared")
    np.testing.assert_array_equal(back.encode(images), run.encode(images))
    codes = run.encode(images)
    np.testing.assert_array_equal(back.decode(codes), run.decode(codes))
    assert str(back) == str(run)
    with pytest.raises(ConfigError, match="only their name, 'faces.npz': they stayed"):
        back.population  # noqa: B018
    with pytest.raises(ConfigError, match="they stayed"):
        tv.load_run(tmp_path / "shared").log_likelihood(1)


def test_who_has_the_pictures_may_give_them(faces, tmp_path):
    run, place, images = faces
    run.save_pretrained(tmp_path / "shared")
    given = {"images": place / "faces.npz", "labels": place / "ages.csv"}
    back = tv.from_pretrained(tmp_path / "shared", **given)
    assert back.log_likelihood(2) == run.log_likelihood(2)
    with pytest.raises(ConfigError, match="expected the labels of this run"):
        tv.from_pretrained(tmp_path / "shared", images=place / "faces.npz")
    with pytest.raises(ConfigError, match="got labels alone"):
        tv.from_pretrained(tmp_path / "shared", labels=place / "ages.csv")
    np.savez(tmp_path / "others.npz", images=255 - images)
    with pytest.raises(ConfigError, match="differ from those at the run's start"):
        tv.from_pretrained(
            tmp_path / "shared", images=tmp_path / "others.npz", labels=given["labels"]
        )


def test_drawn_pictures_are_not_given(shared, tmp_path):
    with pytest.raises(ConfigError, match="got images of circles"):
        tv.from_pretrained(shared, images=tmp_path)


@pytest.mark.parametrize("images", ["/etc/hostname", "pictures.npz", "elsewhere:a"])
def test_no_file_that_settings_name_is_opened(faces, tmp_path, images):
    faces[0].save_pretrained(tmp_path / "shared")
    np.savez(tmp_path / "shared" / "pictures.npz", images=np.zeros((30, 6, 6)))
    edit(
        tmp_path / "shared" / "config.json",
        lambda config: config["world"].update(images=images, labels=images),
    )
    with pytest.raises(ConfigError, match="they stayed"):
        tv.from_pretrained(tmp_path / "shared").population  # noqa: B018


def test_undecided_settings_open_no_file_either(faces, tmp_path):
    faces[0].save_pretrained(tmp_path / "shared")
    edit(
        tmp_path / "shared" / "config.json",
        lambda config: config["world"].update(images="/etc/hostname", size=None),
    )
    with pytest.raises(ConfigError, match="they stayed"):
        tv.from_pretrained(tmp_path / "shared")


def test_paths_in_other_settings_lose_their_place():
    settings = {"a": ["/home/ada/x.csv", 3, None], "b": {"c": "C:\\Ada\\y.csv"}}
    assert without_places(settings) == {"a": ["x.csv", 3, None], "b": {"c": "y.csv"}}
    kept = {"layout": "margin", "kind": "my_module:Mine", "colours": "red/green"}
    assert without_places(kept) == kept
