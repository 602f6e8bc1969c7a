"""`tinyvae.answer(codes, labels)`, with encoders and decoders of other libraries."""

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd
import pytest
from sklearn.decomposition import PCA
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import tinyvae as tv
from tinyvae.answer import Answer
from tinyvae.answer.moved import AT_ONCE, ColumnMoves, decoded_moves
from tinyvae.errors import DataError
from tinyvae.evaluation.results import Movement

RNG = np.random.default_rng(0)
SIZE = RNG.normal(size=300)
OTHER = RNG.normal(size=300)
CODES = np.column_stack([OTHER, SIZE])
GENES = [f"gene{i}" for i in range(5)]
WEIGHT = np.array([[0, 0, 0, 2.0, 0], [0, -3.0, 1.0, 0, 0]])
DATA = pd.DataFrame(CODES @ WEIGHT, columns=pd.Index(GENES))


def test_the_package_is_called_and_gives_an_answer():
    found = tv.answer(CODES, {"size": SIZE})
    assert isinstance(found, Answer)
    assert found.matches[0].verdict == "clear"
    assert found.latents == ("z0", "z1")


def test_names_of_latents_and_factors_stand_in_the_table():
    frame = pd.DataFrame({"width": OTHER, "height": SIZE})
    found = tv.answer(frame, pd.DataFrame({"size": SIZE}))
    assert "size    +height" in str(found)
    assert "height is size" in found.sentences[0]
    back = Answer.from_json(found.to_json())
    assert back.latents == ("width", "height")
    assert str(back) == str(found)


def test_a_transformer_encodes_and_decodes():
    found = tv.answer(DATA, {"size": SIZE}, encode=PCA(2).fit(DATA))
    assert found.latents == ("pca0", "pca1")
    assert found.matches[0].verdict == "clear"
    assert found.columns is not None
    assert found.columns.moves[0][0].column == "gene1"
    pipeline = make_pipeline(StandardScaler(), PCA(2)).fit(DATA)
    assert tv.answer(DATA, {"size": SIZE}, encode=pipeline).latents[0] == "pca0"


def test_two_functions_of_arrays_stand_for_a_model():
    inverse = jnp.asarray(np.linalg.pinv(WEIGHT))
    encode = jax.jit(lambda rows: rows @ inverse)
    decode = jax.jit(lambda codes: codes @ jnp.asarray(WEIGHT))
    found = tv.answer(DATA, {"size": SIZE}, encode=encode, decode=decode)
    assert found.matches[0].latent == 1
    assert "z1 from low to high moves gene1 -" in str(found)


def test_a_column_moves_by_its_weight_times_the_walk():
    active = np.ones(2, bool)
    moves = decoded_moves(CODES, active, lambda z: z @ WEIGHT, GENES)
    assert isinstance(moves, ColumnMoves)
    low, high = np.quantile(SIZE, [0.025, 0.975])
    (first, second, *_) = moves.moves[1]
    assert (first.column, second.column) == ("gene1", "gene2")
    assert first.change == pytest.approx(-3 * (high - low), rel=1e-5)
    assert second.change == pytest.approx(high - low, rel=1e-5)


def test_images_move_where_the_decoder_draws():
    def decode(codes):
        images = np.zeros((len(codes), 8, 8))
        images[:, 2, 5] = 1 / (1 + np.exp(-3 * codes[:, 0]))
        return images

    moves = decoded_moves(CODES, np.ones(2, bool), decode)
    assert isinstance(moves, Movement)
    assert (moves.x[0], moves.y[0]) == pytest.approx((5, 2))
    assert moves.pixels[0] == pytest.approx(1 / 64)
    assert moves.change[1] == 0


def test_decoded_numbers_in_memory_are_bounded():
    seen = []

    def decode(codes):
        seen.append(len(codes))
        return np.broadcast_to(codes[:, :1], (len(codes), 50_000))

    decoded_moves(CODES, np.array([True, False]), decode)
    assert max(seen) * 50_000 <= max(AT_ONCE, 11 * 50_000)


def test_missing_latents_move_nothing():
    moves = decoded_moves(CODES, np.array([True, False]), lambda z: z @ WEIGHT)
    assert isinstance(moves, ColumnMoves)
    assert moves.moves[1] == ()


def test_moved_columns_come_back_from_json():
    found = tv.answer(DATA, {"size": SIZE}, encode=PCA(2).fit(DATA))
    back = Answer.from_json(found.to_json())
    assert back.columns == found.columns
    assert str(back) == str(found)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"encode": 3}, "a fitted transformer or a function of an array, got int"),
        ({"encode": lambda x: x, "labels": None}, "labels beside the data to encode"),
        ({"decode": lambda z: z[:1]}, r"each of the 704 codes, got shape \(1, 2\)"),
        ({"decode": lambda z: np.zeros((len(z), 1, 1, 1, 1))}, "vectors .* or images"),
    ],
)
def test_callables_that_do_not_fit_are_refused(options, message):
    options = {"labels": {"size": SIZE}, **options}
    with pytest.raises(DataError, match=message):
        tv.answer(CODES, options.pop("labels"), **options)
