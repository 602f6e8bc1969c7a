"""A run encodes and decodes what it was trained on, in the user's own units."""

import numpy as np
import pytest

import tinyvae as tv
from tinyvae.errors import DataError
from tinyvae.evaluation.encode import encode_rows

SHORT = {"training": tv.TrainingConfig(steps=3, batch_size=8), "members": 1}


@pytest.fixture(scope="module")
def bytes_of_colour() -> np.ndarray:
    rng = np.random.default_rng(10_000)
    return rng.integers(0, 256, (40, 9, 7, 3)).astype(np.uint8)


@pytest.fixture(scope="module")
def colours(bytes_of_colour) -> tv.Run:
    return tv.train(bytes_of_colour, **SHORT)


def test_bytes_are_encoded_as_they_were_trained_on(colours, bytes_of_colour):
    codes = colours.encode(bytes_of_colour[:5])
    trained = encode_rows(colours.vae, colours.population, np.arange(5)).mean
    np.testing.assert_allclose(codes, trained, atol=1e-5)
    floats = bytes_of_colour[:5].astype(np.float32) / 255
    np.testing.assert_allclose(codes, colours.encode(floats), atol=1e-5)


def test_pixels_that_training_would_refuse_are_refused(colours, bytes_of_colour):
    with pytest.raises(DataError, match=r"in \[0, 1\], got 0 to 255"):
        colours.encode(bytes_of_colour[:5].astype(np.float32))


def test_pictures_of_another_size_are_refused(colours, bytes_of_colour):
    with pytest.raises(DataError, match=r"\(sample, 9, 7, 3\).*got \(2, 5, 7, 3\)"):
        colours.encode(bytes_of_colour[:2, :5])


def test_a_table_is_encoded_and_decoded_in_its_own_units():
    rng = np.random.default_rng(10_000)
    table = np.column_stack(
        [rng.normal(1000, 5, 60), rng.normal(0.005, 0.001, 60), rng.normal(size=60)]
    )
    run = tv.train(tv.Pictures(table), **SHORT)
    codes = run.encode(table)
    trained = encode_rows(run.vae, run.population, np.arange(60)).mean
    np.testing.assert_allclose(codes, trained, atol=1e-4)
    decoded = run.decode(codes).reshape(60, 3)
    assert 900 < decoded[:, 0].min() <= decoded[:, 0].max() < 1100
    assert np.abs(decoded[:, 1] - 0.005).max() < 0.02
