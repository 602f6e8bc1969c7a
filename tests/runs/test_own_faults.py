"""The commonest faults in a user's own objectives and worlds, each said in one line.

The code is that of the guide with one fault in it.
"""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import tinyvae as tv
from tinyvae.errors import ConfigError
from tinyvae.own import load_own
from tinyvae.pixels import check_pixels
from tinyvae.runs.opened import open_world
from tinyvae.sweeps.members import Worlds, members_of

GUIDE = Path(__file__).parents[2] / "docs" / "own_objective.md"
OBJECTIVE, WORLD = re.findall(
    r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL
)
RETURN = "return terms.loss, terms"
PIXELS = "return (across[..., None, :] & down[..., :, None])[..., None]"
FACTORS = "x, y = factors[..., 0, None], factors[..., 1, None]"


@pytest.fixture
def own(tmp_path, monkeypatch):
    """Gives an object of the class in this code, some of which is changed."""
    monkeypatch.syspath_prepend(tmp_path)

    def make(code, *change):
        for old, new in change:
            assert old in code
            code = code.replace(old, new)
        (tmp_path / "faulty.py").write_text(code)
        sys.modules.pop("faulty", None)
        module = __import__("faulty")
        return (module.SparseVAE if "SparseVAE" in code else module.Squares)()

    yield make
    sys.modules.pop("faulty", None)


def config(world=None, objective=None) -> tv.RunConfig:
    return tv.RunConfig(
        world or tv.Circles(8),
        objective or tv.ELBO(),
        tv.FullyConnected((8,), latents=2),
        tv.TrainingConfig(steps=4, batch_size=8),
    )


def test_the_code_of_the_guide_has_no_fault(own):
    opened = open_world(config(own(WORLD), own(OBJECTIVE)))
    assert opened.config.likelihood == "bernoulli"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            RETURN,
            "return terms.loss + jnp.zeros(8), terms",
            r"^expected SparseVAE.loss to give one number as the loss, got an array of "
            r"shape \(8,\)\. Take the mean over the pictures: \.mean\(\)\.$",
        ),
        (
            RETURN,
            "return terms.loss",
            r"a number and Terms, got a number\. Write `return terms.loss, terms`\.$",
        ),
        (
            RETURN,
            "return terms.loss + progress, terms",
            r"^expected SparseVAE.loss to give the sum of its Terms, got [\d.]+, and "
            r"Terms that make [\d.]+\. What is not in the Terms is not shown\. Add it "
            r"as a penalty: weighted_terms\(.*, penalty\(name, value, weight\)\)\.$",
        ),
        (
            "jnp.abs(encoded.posterior.mean)",
            "jnp.log(-jnp.abs(encoded.posterior.mean))",
            r"^expected SparseVAE.loss to be finite at the first step, got penalty "
            r"'size of codes' nan\. Look for the logarithm, the root or the quotient ",
        ),
        (RETURN, "return terms", "a number and Terms, got Terms. Write"),
        (RETURN, "return terms, terms.loss", r"got \(Terms, a number\)\. Write"),
        (RETURN, "pass", "a number and Terms, got NoneType. Write"),
        (
            "batch.images",
            "batch.image",
            r"a number and Terms, got AttributeError: 'Batch' object has no attribute "
            r"'image'(\. Did you mean: 'images'\?)? \(faulty\.py, line 15\)\.$",
        ),
        (
            RETURN,
            f"if self.sparsity > 0: {RETURN}",
            r"got jax\.errors\.Tracer.* \(faulty\.py, line 19\)\. JAX traces it: write "
            r"jnp\.where instead of if, and jnp instead of numpy\.$",
        ),
    ],
)
def test_a_faulty_loss_is_said_in_one_line(own, old, new, message):
    objective = own(OBJECTIVE, (old, new))
    with pytest.raises(ConfigError, match=message) as found:
        open_world(config(objective=objective))
    assert "\n" not in str(found.value)


def test_the_error_of_a_loss_is_the_cause_of_what_is_said(own):
    objective = own(OBJECTIVE, ("batch.images", "batch.image"))
    with pytest.raises(ConfigError) as found:
        open_world(config(objective=objective))
    assert isinstance(found.value.__cause__, AttributeError)


NEEDS = "    sparsity: float = 1.0"


def test_what_a_loss_needs_and_cannot_be_made_is_said(own):
    needs = "    needs = Needs(auxiliary=lambda key: None)\n"
    imports = "from tinyvae.objectives import weighted_terms"
    objective = own(OBJECTIVE, (NEEDS, needs + NEEDS), (imports, f"{imports}, Needs"))
    with pytest.raises(ConfigError, match=r"auxiliary\(vae, \*, key\), which gives a "):
        open_world(config(objective=objective))
    typo = '    needs = Needs(supervision="label")\n'
    objective = own(OBJECTIVE, (NEEDS, typo + NEEDS), (imports, f"{imports}, Needs"))
    with pytest.raises(ConfigError, match="among none, pairs, labels, got 'label'"):
        config(objective=objective)


def test_a_file_instead_of_a_module_is_said(own):
    own(OBJECTIVE)
    with pytest.raises(ConfigError, match=r"Write faulty:SparseVAE\.$"):
        load_own("faulty.py:SparseVAE")


def test_a_loss_that_does_not_take_its_key_is_said(own):
    objective = own(OBJECTIVE, (", *, key):", "):"))
    message = (
        r"^expected SparseVAE\.loss\(self, model, batch, progress, \*, key\), got "
        r"SparseVAE\.loss\(self, model, batch, progress\)\. Training gives it these\.$"
    )
    with pytest.raises(ConfigError, match=message):
        config(objective=objective)


def test_a_sweep_and_an_estimator_try_an_own_loss_too(own):
    objective = own(OBJECTIVE, (RETURN, "return terms.loss"))
    with pytest.raises(ConfigError, match="a number and Terms, got a number"):
        members_of([config(objective=objective)], Worlds())
    vae = tv.sklearn.VAE(objective=objective, hidden_layer_sizes=4, steps=1)
    with pytest.raises(ConfigError, match="a number and Terms, got a number"):
        vae.fit(np.zeros((4, 3)))


def test_a_loss_is_tried_once_for_all_its_numbers(own, monkeypatch):
    objective = own(OBJECTIVE)
    tried = []
    loss = type(objective).loss

    def counted(self, model, batch, progress, *, key):
        tried.append(1)
        return loss(self, model, batch, progress, key=key)

    monkeypatch.setattr(type(objective), "loss", counted)
    several = [type(objective)(weight) for weight in (0.5, 1.0, 2.0)]
    assert len(members_of([config(objective=one) for one in several], Worlds())) == 3
    assert len(tried) == 2  # its shapes, and its value


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            PIXELS,
            PIXELS.replace("(across", "255 * (across"),
            "^expected pixels of Squares from 0 to 1, got 0 to 255. Divide by 255.$",
        ),
        (
            PIXELS,
            PIXELS.replace("(across", "-3.0 * (across"),
            "of Squares from 0 to 1, got -3 to 0. Scale them, or say",
        ),
        (
            PIXELS,
            PIXELS.replace("(across", "0.5 * (across"),
            'of Squares that are 0 or 1, as it says by "binary", got 0.5. Say "grey"',
        ),
        (
            PIXELS,
            PIXELS.replace("(across", "jnp.nan * (across"),
            "expected finite pixels of Squares, got NaN or infinity",
        ),
        (
            PIXELS,
            PIXELS.removesuffix("[..., None]"),
            r"^expected Squares\.draw, given an array of shape \(13, 2\), to give "
            r"\(13, 8, 8, 1\), got \(13, 8, 8\)\. Add the channel: \[\.\.\., None\]\.$",
        ),
        (
            FACTORS,
            "x, y = factors[0], factors[1]",
            r"to give \(13, 8, 8, 1\), got TypeError: .*\(8,\), \(2,\).* "
            r"\(faulty\.py, line \d+\)\. It is given a batch\.$",
        ),
        (
            FACTORS,
            f"import numpy as np; factors = np.asarray(factors); {FACTORS}",
            r"got jax.errors.TracerArray.*line \d+\)\. JAX traces it: write jnp\.where",
        ),
        (
            "return self.size, self.size, 1",
            "return self.size, self.size",
            r"image_shape to be \(height, width, channel\), got \(8, 8\)",
        ),
        (
            "@property\n    def image_shape",
            "def image_shape",
            "expected Squares.image_shape, got a method .* Write @property above it",
        ),
        (
            'GridPopulation(self, self.factors, "binary")',
            "self",
            r"expected Squares.population\(\) to give a population with factor_values, "
            ".* got Squares without",
        ),
    ],
)
def test_a_faulty_world_is_said_in_one_line(own, old, new, message):
    world = own(WORLD, (old, new))
    with pytest.raises(ConfigError, match=message) as found:
        open_world(config(world))
    assert "\n" not in str(found.value)


@pytest.mark.parametrize("pixels", ["grey", "saturated", "real"])
def test_pixels_that_are_what_the_world_says_are_taken(own, pixels):
    world = own(WORLD, (PIXELS, PIXELS.replace("(across", "0.5 * (across")),
                ('"binary"', f'"{pixels}"'))  # fmt: skip
    assert open_world(config(world)).population.pixels == pixels


def test_worlds_of_tinyvae_are_not_tried(monkeypatch):
    def refuse(self, factors):
        raise AssertionError

    monkeypatch.setattr(tv.Shapes, "draw", refuse)
    open_world(config(tv.Shapes(16)))


def test_pixels_of_no_type_are_refused():
    check_pixels("grey")
    with pytest.raises(ConfigError, match="among binary, saturated, .* got 'bw'"):
        check_pixels("bw")


# What these give is refused by types before, where types are checked as in tests.
UNTYPED = """
import dataclasses
import jax.numpy as jnp
import tinyvae as tv
from tinyvae.errors import ConfigError
from tinyvae.worlds import GridPopulation

factor = tv.Factor("x", (1.0, 2.0))

@dataclasses.dataclass(frozen=True)
class Squares:
    image_shape = (8, 8, 1)
    def draw(self, factors): return jnp.zeros((*factors.shape[:-1], 8, 8, 1))
    def factors(self): return (factor,)

squares, small = Squares(), tv.Circles(8)
for call in [
    lambda: GridPopulation(squares, (factor,), "bw"),
    lambda: GridPopulation(squares, squares.factors, "grey"),
    lambda: GridPopulation(squares, factor, "grey"),
    lambda: GridPopulation(factor, (factor,), "grey"),
    lambda: tv.train(small, training=20),
    lambda: tv.train(small, network=tv.FullyConnected),
    lambda: tv.train(small, network=3),
    lambda: tv.train(small, tv.BetaVAE),
    lambda: tv.train(small, "beta-vea"),
    lambda: tv.train(small, trackers="tensorboard"),
    lambda: tv.train(tv.Circles),
]:
    try:
        call()
    except ConfigError as error:
        print(error)
print(GridPopulation(squares, [factor], "grey").factors == (factor,))
"""
SAID = [
    "expected pixels among binary, saturated, grey, real, got 'bw'.",
    "expected the factors of Squares, got a method that gives them. Write @property "
    "above it.",
    "expected the factors of Squares as a tuple of tv.Factor, got Factor(",
    "expected a world with draw, image_shape, got Factor without.",
    "expected settings of training such as tv.TrainingConfig(steps=2000), got 20.",
    "expected a network, got the class FullyConnected. Write one with its settings, "
    "such as tv.FullyConnected(latents=3).",
    "expected a network such as tv.FullyConnected(latents=3), got 3.",
    "expected an objective, got the class BetaVAE. Write one with its settings, such "
    "as tv.BetaVAE(4.0). tv.ELBO() is the plain VAE.",
    "expected an objective among coarse-to-fine, ",
    'trackers: expected a list such as [tv.TensorBoard("logs"), tv.MLflow()], got '
    "'tensorboard'.",
    "expected a world, got the class Circles. Write one with its settings, such as "
    "tv.Circles().",
    "True",
]


@pytest.mark.slow
def test_wrong_arguments_are_said_in_one_line_each(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", UNTYPED], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) == len(SAID), done.stdout
    for line, said in zip(lines, SAID, strict=True):
        assert line.startswith(said)
