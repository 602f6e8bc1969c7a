"""Objectives and worlds of a user's own: the code of the guide, as a user runs it."""

import importlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import jax
import numpy as np
import pytest

import tinyvae as tv
from quick_compilation import QUICKLY
from tinyvae.errors import ConfigError, RunFolderError
from tinyvae.objectives import Model, Needs
from tinyvae.own import load_own, own_kind
from tinyvae.page.python import python_lines
from tinyvae.runs.config import config_from_mapping, config_to_json
from tinyvae.sweeps.spec_reading import spec_from_mapping
from tinyvae.worlds import Batch

GUIDE = Path(__file__).parents[2] / "docs" / "own_objective.md"
TEXT = GUIDE.read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
COMMANDS = [
    line.split()[1:]
    for block in re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL)
    for line in block.strip().splitlines()
]
SHORT = {
    "network": tv.FullyConnected((8,), latents=2),
    "training": tv.TrainingConfig(steps=4, batch_size=8),
    "members": 1,
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with the two files of the guide, as the current one."""
    folder = tmp_path_factory.mktemp("own")
    for name, code in zip(("my_module", "my_world"), BLOCKS, strict=True):
        (folder / f"{name}.py").write_text(code, encoding="utf-8")
    before = list(sys.path)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        yield folder
    sys.path[:] = before
    for name in ("my_module", "my_world"):
        sys.modules.pop(name, None)


@pytest.fixture(scope="module")
def run(folder):
    objective = load_own("my_module:SparseVAE")
    world = load_own("my_world:Squares")
    return tv.train(world(), objective(0.5), **SHORT)


def test_the_guide_trains_a_run_that_is_read_again(run, tmp_path):
    assert np.isfinite([row.loss for row in run.history]).all()
    assert run.answer.measurement is not None
    assert [p.name for p in run.history[-1].penalties] == ["size of codes"]
    tv.save_run(run, tmp_path)
    back = tv.load_run(tmp_path)
    assert back.config == run.config
    kept = json.loads((tmp_path / "config.json").read_text())
    assert kept["objective"] == {"sparsity": 0.5, "kind": "my_module:SparseVAE"}
    assert kept["world"] == {"size": 8, "kind": "my_world:Squares"}


def test_the_loss_is_the_elbo_minus_the_size_of_the_codes(run):
    objective, images = run.config.objective, run.population.images(np.arange(30))
    codes = run.encode(np.asarray(images))
    model, key = Model(run.vae), jax.random.key(0)
    loss, terms = objective.loss(model, Batch(images), 0.0, key=key)
    size = np.abs(codes).sum(axis=1).mean()
    np.testing.assert_allclose(loss, -terms.elbo + 0.5 * size, rtol=1e-4)


def test_python_on_the_page_imports_the_classes(run):
    lines = python_lines(run)
    assert "from my_module import SparseVAE\n" in lines
    assert "from my_world import Squares\n" in lines
    assert "SparseVAE(sparsity=0.5)" in lines
    assert "tv.SparseVAE" not in lines


def test_a_module_that_is_gone_is_said(run, tmp_path):
    tv.save_run(run, tmp_path / "run")
    settings = json.loads((tmp_path / "run" / "config.json").read_text())
    settings["objective"]["kind"] = "gone_module:SparseVAE"
    (tmp_path / "run" / "config.json").write_text(json.dumps(settings))
    with pytest.raises(
        RunFolderError, match="expected a module 'gone_module'"
    ) as found:
        tv.load_run(tmp_path / "run")
    assert "damaged" not in str(found.value)


def test_settings_of_own_classes_are_checked(folder):
    kind = "my_module:SparseVAE"
    found = config_from_mapping({"objective": {"kind": kind, "sparsity": 2}})
    assert config_from_mapping(config_to_json(found)) == found
    with pytest.raises(ConfigError, match="'objective.sparsty'.* Did you mean 'spars"):
        config_from_mapping({"objective": {"kind": kind, "sparsty": 2}})
    with pytest.raises(ConfigError, match="objective.sparsity: expected a number"):
        config_from_mapping({"objective": {"kind": kind, "sparsity": "much"}})
    with pytest.raises(ConfigError, match="a network among .* got 'my_module:Sparse"):
        config_from_mapping({"network": {"kind": kind}})


def test_a_spec_lists_own_objectives_and_their_numbers(folder):
    spec = spec_from_mapping(
        {"objective": {"kind": ["vae", "my_module:SparseVAE"], "sparsity": [1, 2]}}
    )
    kinds = [config.objective.kind for config in spec.configs()]
    assert kinds == ["vae", "my_module:SparseVAE", "my_module:SparseVAE"]


@pytest.mark.parametrize(
    ("code", "name", "message"),
    [
        ("x = 3", "Missing", "a class 'Missing' in the module .* has none"),
        ("x = 3", "x", "to be a dataclass of settings, got 3"),
        ("import absent_package", "X", "needs the module 'absent_package'"),
        ("def broken(:", "X", "SyntaxError"),
        (
            "raise OSError('no such disk')",
            "X",
            "cannot import .*: OSError: no such disk",
        ),
    ],
)
def test_classes_that_cannot_be_loaded(folder, code, name, message):
    module = f"module_{abs(hash(code + name))}"
    (folder / f"{module}.py").write_text(code)
    importlib.invalidate_caches()
    with pytest.raises(ConfigError, match=message):
        load_own(f"{module}:{name}")


@pytest.mark.parametrize("kind", ["absent_module:X", ":X", "a b:"])
def test_modules_that_do_not_exist(folder, kind):
    with pytest.raises(ConfigError, match="cannot import"):
        load_own(kind)


def test_an_objective_that_lacks_something_says_what(folder):
    (folder / "no_parent.py").write_text(BLOCKS[0].replace("(Objective)", ""))
    (folder / "no_loss.py").write_text(BLOCKS[0].replace("def loss", "def cost"))
    (folder / "no_pytree.py").write_text(BLOCKS[0].replace("@traceable", ""))
    importlib.invalidate_caches()
    with pytest.raises(ConfigError, match="with needs, selection_window, got Sparse"):
        config_from_mapping({"objective": "no_parent:SparseVAE"})
    with pytest.raises(ConfigError, match="expected no_loss:SparseVAE to define loss"):
        config_from_mapping({"objective": "no_loss:SparseVAE"})
    with pytest.raises(ConfigError, match="Write @traceable above"):
        tv.train(tv.Circles(8), load_own("no_pytree:SparseVAE")(), **SHORT)


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        (
            "no_type",
            "sparsity: float = 1.0",
            "sparsity = 1.0",
            r"'objective.sparsity'.* sparsity has no type: write sparsity: float = 1.0",
        ),
        (
            "no_dataclass",
            "@dataclass(frozen=True)",
            "",
            r"expected a dataclass below @traceable, got SparseVAE\. Write @traceable",
        ),
    ],
)
def test_mistakes_in_a_class_are_named(folder, name, old, new, message):
    (folder / f"{name}.py").write_text(BLOCKS[0].replace(old, new))
    importlib.invalidate_caches()
    settings = {"kind": f"{name}:SparseVAE", "sparsity": 2.0}
    with pytest.raises(ConfigError, match=message):
        config_from_mapping({"objective": settings})


@pytest.mark.parametrize("kind", ["sparse", "beta-vae"])
def test_a_kind_that_does_not_lead_back_to_its_class_is_refused(folder, kind):
    new = f'kind: str = "{kind}"\n    sparsity: float'
    (folder / "other_kind.py").write_text(BLOCKS[0].replace("sparsity: float", new))
    importlib.invalidate_caches()
    objective = load_own("other_kind:SparseVAE")()
    message = rf"'other_kind:SparseVAE', by which .* got '{kind}'\. Leave kind out"
    with pytest.raises(ConfigError, match=message):
        tv.RunConfig(tv.Circles(8), objective)
    sys.modules.pop("other_kind")


def test_a_class_without_its_module_is_asked_for_it():
    with pytest.raises(ConfigError, match="For a class of your own, say MODULE:CLASS"):
        config_from_mapping({"objective": "SparseVAE"})


def test_the_defaults_of_an_own_objective(folder):
    objective = load_own("my_module:SparseVAE")()
    assert (objective.kind, objective.title) == ("my_module:SparseVAE", "SparseVAE")
    assert objective.selection_window() == (0.4, 0.5)
    assert objective.needs == Needs()


def test_a_world_that_lacks_something_is_not_taken_for_pictures(folder):
    code = BLOCKS[1].replace("describe", "description")
    (folder / "no_describe.py").write_text(code)
    importlib.invalidate_caches()
    with pytest.raises(ConfigError, match="a world with describe, got Squares without"):
        tv.train(load_own("no_describe:Squares")(), **SHORT)


def test_a_kind_of_its_own_is_kept():
    class Named:
        kind = "mine"

    assert own_kind(Named).kind == "mine"


SHORTLY = ["--steps", "4", "--batch-size", "8", "--hidden", "8"]


@pytest.mark.slow
def test_the_command_trains_an_own_objective(folder, tmp_path):
    train = COMMANDS[0]
    done = in_folder(folder, *train, *SHORTLY, "--size", "8", "--no-pictures")
    assert done.returncode == 0, done.stderr
    run = folder / "runs" / "circles-SparseVAE-seed0"
    assert (run / "answer.json").exists()
    elsewhere = in_folder(tmp_path, "score", run)
    assert elsewhere.returncode != 0
    assert "expected a module 'my_module' on Python's path" in elsewhere.stderr


@pytest.mark.slow
def test_the_command_trains_on_an_own_world(folder):
    done = in_folder(folder, *COMMANDS[2], *SHORTLY, "--no-pictures")
    assert done.returncode == 0, done.stderr
    assert (folder / "runs" / "Squares-coarse-to-fine-seed0" / "answer.json").exists()


@pytest.mark.slow
def test_the_command_sweeps_over_an_own_objective(folder):
    sweep = [argument.replace("0:5", "0:2") for argument in COMMANDS[1]]
    done = in_folder(folder, *sweep, *SHORTLY, "--size", "8", "--members", "1")
    assert done.returncode == 0, done.stderr
    assert len(tv.load_sweep(folder / "sweeps" / "sparse")) == 4


def in_folder(folder, *arguments):
    """The command, as its own process: -P leaves out the current folder."""
    code = "import sys; from tinyvae.cli.commands import app; app(sys.argv[1:])"
    return subprocess.run(
        [sys.executable, "-P", "-c", code, *map(str, arguments)],
        cwd=folder, env=os.environ | QUICKLY, capture_output=True, text=True,
        timeout=300,
    )  # fmt: skip
